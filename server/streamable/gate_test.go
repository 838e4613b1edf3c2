package streamable_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// fact is a request's headers and the status that it gets.
type fact struct {
	name    string
	headers []string
	want    int
}

// check sends a call with each fact's headers to one site.
func check(t *testing.T, cfg streamable.Config, network func() *memory, facts []fact) {
	t.Helper()
	for _, f := range facts {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := serve(t, cfg, network(), newServer()).do(t, request(t, callEcho, f.headers...))
				if got.StatusCode != f.want {
					t.Errorf("got %d %s, want %d", got.StatusCode, got.body, f.want)
				}
				if got.StatusCode != http.StatusOK {
					wantRPCError(t, got)
				}
			})
		})
	}
}

// wantRPCError checks that a refusal says why as a JSON-RPC error.
func wantRPCError(t *testing.T, got answer) {
	t.Helper()
	var reply struct {
		JSONRPC string
		Error   struct {
			Code    int
			Message string
		}
	}
	if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
		t.Fatalf("body %q: %v", got.body, err)
	}
	if reply.JSONRPC != "2.0" || reply.Error.Code >= 0 || reply.Error.Message == "" {
		t.Errorf("got body %s, want a JSON-RPC error", got.body)
	}
}

// beyondLoopback is a network whose server has a public address.
func beyondLoopback() *memory {
	network := newMemory()
	network.addr = &net.TCPAddr{IP: net.IPv4(203, 0, 113, 5), Port: 443}
	return network
}

func TestAnswersAreNeitherSniffedNorStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{})
		for _, headers := range [][]string{nil, {"Content-Type", "text/plain"}} {
			got := s.do(t, request(t, pingBody, headers...))
			if got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d: got %v", got.StatusCode, got.Header)
			}
		}
	})
}

func TestUselessConfigIsRefused(t *testing.T) {
	t.Parallel()
	for _, cfg := range []streamable.Config{
		{AllowedOrigins: []string{""}},
		{AllowedOrigins: []string{"app.example.com"}},
		{AllowedOrigins: []string{"https://app.example.com/"}},
		{AllowedOrigins: []string{"https://app.*.com"}},
		{AllowedOrigins: []string{"https://*"}},
		{AllowedOrigins: []string{"https://*."}},
		{AllowedHosts: []string{""}},
		{AllowedHosts: []string{"https://mcp.example.com"}},
		{AllowedHosts: []string{"mcp.example.com:443"}},
		{AllowedHosts: []string{"*"}},
		{MaxBody: -1},
		{MaxConcurrent: -1},
	} {
		if _, err := streamable.NewHandler(mcpserver.NewMCPServer("test", "1"), cfg); err == nil {
			t.Errorf("%+v: got no error", cfg)
		}
	}
}

// A handler that another server runs works without Serve.
func TestHandlerOnItsOwn(t *testing.T) {
	t.Parallel()
	h, err := streamable.NewHandler(newServer(), streamable.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(t, callEcho))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "key=") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
