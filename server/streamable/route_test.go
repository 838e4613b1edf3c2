package streamable_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// mcp-go's GET stream shows a stranger what others are notified of: GET is refused.
func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		method, path string
		want         int
		allow        string
	}{
		{"POST", "/mcp", 200, ""},
		{"POST", "/mcp/", 200, ""},
		{"GET", "/mcp", 405, "POST, OPTIONS"},
		{"GET", "/mcp/", 405, "POST, OPTIONS"},
		{"DELETE", "/mcp", 405, "POST, OPTIONS"},
		{"PUT", "/mcp", 405, "POST, OPTIONS"},
		{"HEAD", "/mcp", 405, "POST, OPTIONS"},
		{"OPTIONS", "/mcp", 204, "POST, OPTIONS"},
		{"GET", "/healthz", 200, ""},
		{"GET", "/readyz", 200, ""},
		{"GET", "/", 404, ""},
		{"POST", "/", 404, ""},
		{"POST", "//mcp", 404, ""},
		{"POST", "/mcp/app-1", 404, ""},
		{"GET", "/.well-known/oauth-protected-resource", 404, ""},
	} {
		t.Run(f.method+" "+f.path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := request(t, pingBody)
				r.Method, r.URL.Path = f.method, f.path
				got := start(t, streamable.Config{}).do(t, r)
				if got.StatusCode != f.want || got.Header.Get("Allow") != f.allow {
					t.Errorf("got %d %q, want %d %q", got.StatusCode, got.Header.Get("Allow"), f.want, f.allow)
				}
				if got.StatusCode == http.StatusNotFound && !strings.Contains(got.body, "/mcp") {
					t.Errorf("got %s, want a hint at /mcp", got.body)
				}
			})
		})
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, s *site) answer {
		r := request(t, "", "Host", "10.0.0.7:8080") // a prober addresses the pod
		r.Method, r.URL.Path = http.MethodGet, "/readyz"
		return s.do(t, r)
	}
	for _, f := range []struct {
		name  string
		ready func(context.Context) error
		want  int
	}{
		{"ready", func(context.Context) error { return nil }, 200},
		{"not ready", func(context.Context) error { return errors.New("secret reason") }, 503},
		{"hanging", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := get(t, start(t, streamable.Config{Ready: f.ready}))
				if got.StatusCode != f.want || strings.Contains(got.body, "secret") {
					t.Errorf("got %d %s, want %d", got.StatusCode, got.body, f.want)
				}
			})
		})
	}
}
