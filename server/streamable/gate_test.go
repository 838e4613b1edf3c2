package streamable_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
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

func TestHostKeepsReboundNamesOut(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{AllowedHosts: []string{"MCP.example.com"}}, newMemory, []fact{
		{"localhost", []string{"Host", "localhost:8080"}, 200},
		{"localhost in capitals", []string{"Host", "LOCALHOST"}, 200},
		{"an IPv4 address of loopback", []string{"Host", "127.0.0.2:8080"}, 200},
		{"the IPv6 address of loopback", []string{"Host", "[::1]:8080"}, 200},
		{"a listed name", []string{"Host", "mcp.example.com"}, 200},
		{"a rebound name", []string{"Host", "evil.example:8080"}, 403},
		{"a rebound name of an allowed page", []string{"Host", "evil.example", "Origin", "http://localhost"}, 403},
		{"a name that begins like this machine", []string{"Host", "localhost.evil.example"}, 403},
		{"another name in X-Forwarded-Host", []string{"Host", "evil.example", "X-Forwarded-Host", "localhost"}, 403},
	})
}

func TestHostBeyondLoopback(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{BehindTLSProxy: true}, beyondLoopback, []fact{
		{"any name without a list", []string{"Host", "mcp.example.com"}, 200},
	})
	check(t, streamable.Config{BehindTLSProxy: true, AllowedHosts: []string{"mcp.example.com", "2001:db8::1"}}, beyondLoopback, []fact{
		{"a listed name", []string{"Host", "mcp.example.com:443"}, 200},
		{"a listed address", []string{"Host", "[2001:DB8::1]:443"}, 200},
		{"another name", []string{"Host", "evil.example"}, 403},
		{"a loopback name", []string{"Host", "localhost"}, 403},
		{"a client that claims to be local", []string{"Host", "localhost", "X-Forwarded-For", "127.0.0.1"}, 403},
	})
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{}, newMemory, []fact{
		{"as MCP asks", nil, 200},
		{"a charset", []string{"Content-Type", "application/json; charset=utf-8"}, 200},
		{"no content type", []string{"Content-Type", ""}, 415},
		{"what a page sends without a preflight", []string{"Content-Type", "text/plain"}, 415},
		{"a form", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"no accept", []string{"Accept", ""}, 200},
		{"accepts everything", []string{"Accept", "*/*"}, 200},
		{"accepts JSON only", []string{"Accept", "application/json"}, 200},
		{"accepts any application type", []string{"Accept", "text/html, application/*;q=0.5"}, 200},
		{"accepts streams only", []string{"Accept", "text/event-stream"}, 406},
		{"accepts pages only", []string{"Accept", "text/html"}, 406},
		{"accepts all but JSON", []string{"Accept", "*/*, application/json;q=0.0"}, 406},
	})
}

func TestAuthorizationIsAKeyOrAbsent(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{}, newMemory, []fact{
		{"no key", nil, 200},
		{"a key", []string{"Authorization", "Bearer app-1"}, 200},
		{"another case", []string{"Authorization", "bEARER app-1"}, 200},
		{"more spaces", []string{"Authorization", "Bearer   app-1"}, 200},
		{"another scheme", []string{"Authorization", "Basic dXNlcjpwYXNz"}, 401},
		{"no scheme", []string{"Authorization", "app-1"}, 401},
		{"an unset variable", []string{"Authorization", "Bearer "}, 401},
		{"an unexpanded variable", []string{"Authorization", "Bearer ${BROWSERACT_API_KEY}"}, 401},
		{"two words", []string{"Authorization", "Bearer app-1 app-2"}, 401},
		{"not ASCII", []string{"Authorization", "Bearer äpp"}, 401},
		{"endless", []string{"Authorization", "Bearer " + strings.Repeat("k", 2000)}, 401},
	})
}

func TestRefusedKeyIsNotEchoedAndNamesTheScheme(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}).do(t, request(t, callEcho, "Authorization", "Basic app-secret"))
		if got.Header.Get("WWW-Authenticate") != "Bearer" || strings.Contains(got.body, "app-secret") {
			t.Errorf("got %v %s", got.Header, got.body)
		}
	})
}

func TestKeyComesFromAuthorizationAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := request(t, callEcho, "X-Api-Key", "app-1", "Api-Key", "app-1", "Cookie", "key=app-1", "Proxy-Authorization", "Bearer app-1")
		r.URL.RawQuery = "api_key=app-1&access_token=app-1&key=app-1&token=app-1"
		got := start(t, streamable.Config{}).do(t, r)
		if !strings.Contains(got.body, `"key="`) {
			t.Errorf("got %s, want an empty key", got.body)
		}
	})
}

func TestWithoutKeyHandshakeAndListsWork(t *testing.T) {
	t.Parallel()
	for _, body := range []string{initialize, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, pingBody} {
		synctest.Test(t, func(t *testing.T) {
			got := start(t, streamable.Config{}).do(t, request(t, body))
			if got.StatusCode != http.StatusOK || !strings.Contains(got.body, `"result"`) {
				t.Errorf("%s: got %d %s", body, got.StatusCode, got.body)
			}
		})
	}
}

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

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	fill := func(n int) string {
		return `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x", n) + `"}}`
	}
	for _, f := range []struct {
		name    string
		body    string
		chunked bool
		want    int
	}{
		{"3 MB", fill(3_000_000), false, 200},
		{"3 MB chunked", fill(3_000_000), true, 200},
		{"5 MB", fill(5_000_000), false, 413},
		{"5 MB chunked", fill(5_000_000), true, 413},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := start(t, streamable.Config{})
				r := request(t, f.body)
				if f.chunked {
					r.ContentLength, r.Body = -1, io.NopCloser(strings.NewReader(f.body))
				}
				if got := s.do(t, r); got.StatusCode != f.want {
					t.Errorf("got %d, want %d", got.StatusCode, f.want)
				}
				if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
					t.Errorf("the next call: got %d", got.StatusCode)
				}
			})
		})
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		name, body string
		want       int
		contains   string
	}{
		{"a batch", `[` + pingBody + `]`, 400, "-32600"},
		{"a batch behind blanks", "\r\n\t [" + pingBody + `]`, 400, "-32600"},
		{"an empty batch", `[]`, 400, "-32600"},
		{"no JSON", `ping`, 400, "-32700"},
		{"nothing", ``, 400, "-32700"},
		{"two messages", pingBody + pingBody, 400, "-32700"},
		{"a string", `"ping"`, 400, "-32700"},
		{"a number as method", `{"jsonrpc":"2.0","id":1,"method":1}`, 400, "-32700"},
		{"another JSON-RPC", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, 200, "-32600"},
		{"an unknown method", `{"jsonrpc":"2.0","id":1,"method":"nothing"}`, 200, "-32601"},
		{"a notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, 202, ""},
		{"a response", `{"jsonrpc":"2.0","id":1,"result":{}}`, 202, ""},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := start(t, streamable.Config{}).do(t, request(t, f.body))
				if got.StatusCode != f.want || !strings.Contains(got.body, f.contains) {
					t.Errorf("got %d %s, want %d %s", got.StatusCode, got.body, f.want, f.contains)
				}
			})
		})
	}
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
