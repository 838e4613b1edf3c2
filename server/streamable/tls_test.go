package streamable_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// certificate writes a certificate for localhost and its key, and returns
// their paths and the pool that trusts it.
func certificate(t *testing.T) (certFile, keyFile string, trust *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), // a bubble's clock begins in 2000
		NotAfter:     time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	trust = x509.NewCertPool()
	trust.AddCert(cert)
	return writePEM(t, "CERTIFICATE", der), writePEM(t, "PRIVATE KEY", keyDER), trust
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTLSByFiles(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certFile, keyFile, trust := certificate(t)
			synctest.Test(t, func(t *testing.T) {
				h := newHold()
				s := serve(t, streamable.Config{CertFile: certFile, KeyFile: keyFile}, beyondLoopback(), newServer(h.tool()))
				transport := s.Transport.(*http.Transport)
				transport.TLSClientConfig = &tls.Config{RootCAs: trust}
				transport.ForceAttemptHTTP2 = http2

				r := request(t, callTool(1, "hold", `{}`))
				r.URL.Scheme = "https"
				call := s.pending(t, r)
				<-h.entered
				time.Sleep(5 * time.Minute) // longer than any time limit on reads and writes
				close(h.release)
				if got := <-call; got.Proto != name || !strings.Contains(got.body, "released") {
					t.Errorf("got %s %s", got.Proto, got.body)
				}
			})
		})
	}
}
