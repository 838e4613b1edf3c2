package streamable_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// mcp-go does not look at Accept.
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

// mcp-go reads a body of any size.
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
		{"a string", `"ping"`, 400, "-32600"},
		{"invalid UTF-8 in the id", `{"jsonrpc":"2.0","id":"` + "\xff" + `","method":"ping"}`, 400, "-32700"},
		{"invalid UTF-8 in an argument", strings.Replace(callEcho, `"params":{`, `"params":{"arguments":{"a":"`+"caf\xe9"+`"},`, 1), 400, "-32700"},
		{"a number as method", `{"jsonrpc":"2.0","id":1,"method":1}`, 400, "-32600"},
		{"another JSON-RPC", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, 400, "-32600"},
		{"an id that is an object", `{"jsonrpc":"2.0","id":{},"method":"ping"}`, 400, "-32600"},
		{"an id beyond what a float64 holds", `{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`, 200, `"id":9007199254740993,`},
		{"two ids", `{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`, 400, "-32600"},
		{"two methods in another case", `{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}`, 400, "-32600"},
		{"another JSON-RPC without an id", `{"method":"ping"}`, 400, "-32600"},
		{"a notification whose params are no object", `{"jsonrpc":"2.0","method":"notifications/progress","params":5}`, 400, "-32600"},
		{"an unknown method", `{"jsonrpc":"2.0","id":1,"method":"nothing"}`, 200, "-32601"},
		{"a notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, 202, ""},
		{"a response", `{"jsonrpc":"2.0","id":1,"result":{}}`, 202, ""},
		{"a response with content", `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`, 202, ""},
		{"an error", `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}`, 202, ""},
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

// mcp-go's words for params that it cannot decode are those of its own Go code.
func TestParamsOfTheWrongTypeAreRefusedInPlainWords(t *testing.T) {
	t.Parallel()
	for _, params := range []string{`{"name":5}`, `{"name":"echo","arguments":{"n":3E333}}`} {
		t.Run(params, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				body := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":` + params + `}`
				got := start(t, streamable.Config{}).do(t, request(t, body))
				if errorCode(t, got) != mcp.INVALID_REQUEST || !strings.Contains(got.body, "tools/call") || strings.Contains(got.body, "json:") {
					t.Errorf("got %s", got.body)
				}
			})
		})
	}
}

// Of two params mcp-go puts both together, and the check of headers sees the last.
func TestParamsTwiceAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":` + modernMeta + `},"params":{"name":"echo"}}`
		if got := start(t, streamable.Config{}).do(t, request(t, body)); got.StatusCode != http.StatusBadRequest || errorCode(t, got) != -32600 {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
	})
}
