package streamable_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// mcp-go never looks at Origin.
func TestOriginDecidesWhichPagesMayCall(t *testing.T) {
	t.Parallel()
	cfg := streamable.Config{AllowedOrigins: []string{"https://app.example.com", "https://*.example.org", "http://*.lan:8080"}}
	check(t, cfg, newMemory, []fact{
		{"no page", nil, 200},
		{"a page of this machine", []string{"Origin", "http://localhost:3000"}, 200},
		{"a page of this machine by address", []string{"Origin", "http://127.0.0.1"}, 200},
		{"a page of this machine by IPv6", []string{"Origin", "http://[::1]:9"}, 200},
		{"a listed page", []string{"Origin", "https://app.example.com"}, 200},
		{"a listed page in capitals", []string{"Origin", "HTTPS://App.Example.com"}, 200},
		{"a page of a pattern", []string{"Origin", "https://a.b.example.org"}, 200},
		{"a page of a pattern with a port", []string{"Origin", "http://nas.lan:8080"}, 200},
		{"an evil page", []string{"Origin", "https://evil.example"}, 403},
		{"a sandboxed page", []string{"Origin", "null"}, 403},
		{"an empty origin", []string{"Origin", " "}, 403},
		{"another scheme", []string{"Origin", "http://app.example.com"}, 403},
		{"another port", []string{"Origin", "https://app.example.com:8443"}, 403},
		{"the bare domain of a pattern", []string{"Origin", "https://example.org"}, 403},
		{"a pattern without its label", []string{"Origin", "https://.example.org"}, 403},
		{"a name that ends like a pattern", []string{"Origin", "https://evilexample.org"}, 403},
		{"a name that begins like a listed one", []string{"Origin", "https://app.example.com.evil.example"}, 403},
		{"a pattern's name as the user of another", []string{"Origin", "https://evil.example/.example.org"}, 403},
		{"this machine as the user of another", []string{"Origin", "http://localhost@evil.example"}, 403},
		{"a name that begins like this machine", []string{"Origin", "http://localhost.evil.example"}, 403},
		{"this machine with a path", []string{"Origin", "http://localhost/evil"}, 403},
	})
}

func TestTwoOriginsAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := request(t, pingBody)
		r.Header["Origin"] = []string{"http://localhost", "https://evil.example"}
		if got := start(t, streamable.Config{}).do(t, r); got.StatusCode != http.StatusForbidden {
			t.Errorf("got %d, want 403", got.StatusCode)
		}
	})
}

func TestLoopbackPagesNeedListingElsewhere(t *testing.T) {
	t.Parallel()
	page := []string{"Origin", "http://localhost:3000"}
	check(t, streamable.Config{BehindTLSProxy: true}, newMemory, []fact{{"behind a proxy", page, 403}})
	check(t, streamable.Config{BehindTLSProxy: true}, beyondLoopback, []fact{{"on a public address", page, 403}})
	check(t, streamable.Config{AllowedOrigins: []string{"*"}}, newMemory, []fact{{"any page allowed", []string{"Origin", "https://evil.example"}, 200}})
}

// mcp-go answers OPTIONS with 404.
func TestPreflight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{AllowedOrigins: []string{"*"}})
		preflight := func(origin string) answer {
			r := request(t, "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization")
			r.Method = http.MethodOptions
			return s.do(t, r)
		}
		got := preflight("https://app.example.com")
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin":      "https://app.example.com",
			"Access-Control-Allow-Methods":     "POST",
			"Access-Control-Allow-Headers":     "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent",
			"Access-Control-Allow-Credentials": "",
			"Vary":                             "Origin",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: got %q, want %q", name, got.Header.Get(name), want)
			}
		}
		if got.StatusCode != http.StatusNoContent || got.body != "" {
			t.Errorf("got %d %q, want 204", got.StatusCode, got.body)
		}
	})
}

func TestRefusedPageCannotReadTheRefusal(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		synctest.Test(t, func(t *testing.T) {
			r := request(t, pingBody, "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
			r.Method = method
			got := start(t, streamable.Config{}).do(t, r)
			if got.StatusCode != http.StatusForbidden || got.Header.Get("Access-Control-Allow-Origin") != "" || got.Header.Get("Vary") != "Origin" {
				t.Errorf("%s: got %d %v", method, got.StatusCode, got.Header)
			}
		})
	}
}

func TestAnswersOfAllowedPagesAreReadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}).do(t, request(t, callEcho, "Origin", "http://localhost:3000", "Authorization", "Basic x"))
		if got.StatusCode != http.StatusUnauthorized || got.Header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" {
			t.Errorf("got %d %v", got.StatusCode, got.Header)
		}
	})
}
