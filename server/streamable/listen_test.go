package streamable_test

import (
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/streamable"
)

func TestServeRefusesWhatCheckListenRefuses(t *testing.T) {
	t.Parallel()
	network := beyondLoopback()
	err := streamable.Serve(t.Context(), network, http.NotFoundHandler(), streamable.Config{})
	if err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("got %v", err)
	}
	if _, err := network.dial(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial: got %v, want a closed listener", err)
	}
}

func TestServeReportsABadCertificate(t *testing.T) {
	t.Parallel()
	cfg := streamable.Config{CertFile: "none.pem", KeyFile: "none.pem"}
	if err := streamable.Serve(t.Context(), newMemory(), http.NotFoundHandler(), cfg); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestCheckListen(t *testing.T) {
	t.Parallel()
	tls := streamable.Config{CertFile: "cert.pem", KeyFile: "key.pem"}
	proxy := streamable.Config{BehindTLSProxy: true}
	for _, f := range []struct {
		addr    string
		cfg     streamable.Config
		refused string // a part of the error, "" if allowed
	}{
		{"127.0.0.1:8080", streamable.Config{}, ""},
		{"[::1]:0", streamable.Config{}, ""},
		{"localhost:8080", streamable.Config{}, ""},
		{":8080", streamable.Config{}, "127.0.0.1"},
		{"0.0.0.0:8080", streamable.Config{}, "proxy"},
		{"[::]:8080", streamable.Config{}, "certificate"},
		{"192.168.1.5:8080", streamable.Config{}, "unencrypted"},
		{"example.com:443", streamable.Config{}, "unencrypted"},
		{"0.0.0.0:443", tls, ""},
		{":8080", proxy, ""},
		{"127.0.0.1:8080", streamable.Config{CertFile: "cert.pem"}, "both"},
		{"127.0.0.1:8080", streamable.Config{KeyFile: "key.pem"}, "both"},
		{"8080", streamable.Config{}, "missing port"},
	} {
		err := streamable.CheckListen(f.addr, f.cfg)
		if (err == nil) != (f.refused == "") || (err != nil && !strings.Contains(err.Error(), f.refused)) {
			t.Errorf("%s: got %v, want %q", f.addr, err, f.refused)
		}
	}
}
