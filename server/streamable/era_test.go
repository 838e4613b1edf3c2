package streamable_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/server/streamable"
)

const (
	initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`

	modernMeta = `{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
)

// modern is a request of 2026-07-28; params may be empty.
func modern(id any, method, params string) string {
	if params != "" {
		params += ","
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%v,"method":%q,"params":{%s"_meta":%s}}`, id, method, params, modernMeta)
}

// modernHeaders are what a request of 2026-07-28 carries beside its body.
func modernHeaders(method, name string) []string {
	return []string{"MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method, "Mcp-Name", name}
}

func TestBothErasOnOneEndpoint(t *testing.T) {
	t.Parallel()
	discover := modern(1, "server/discover", "")
	call := modern(1, "tools/call", `"name":"echo"`)
	for _, f := range []struct {
		name, body string
		headers    []string
		status     int
		code       int // of the error, 0 for a result
	}{
		{"2025-11-25 initialize", initialize, nil, 200, 0},
		{"2025-11-25 initialize without its header", initialize, []string{"MCP-Protocol-Version", ""}, 200, 0},
		{"2025-03-26 call, which sends no version", callEcho, []string{"MCP-Protocol-Version", ""}, 200, 0},
		{"2025-11-25 call", callEcho, nil, 200, 0},
		{"2025-11-25 unknown tool", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"none"}}`, nil, 200, -32602},
		{"2026-07-28 discover", discover, modernHeaders("server/discover", ""), 200, 0},
		{"2026-07-28 list", modern(1, "tools/list", ""), modernHeaders("tools/list", ""), 200, 0},
		{"2026-07-28 call", call, modernHeaders("tools/call", "echo"), 200, 0},
		{"2026-07-28 call with a stale Last-Event-ID", call, append(modernHeaders("tools/call", "echo"), "Last-Event-ID", "1"), 200, 0},
		{"2026-07-28 unknown tool", modern(1, "tools/call", `"name":"none"`), modernHeaders("tools/call", "none"), 400, -32602},
		{"2026-07-28 unknown method", modern(1, "none", ""), modernHeaders("none", ""), 404, -32601},
		{"2026-07-28 without version header", call, []string{"MCP-Protocol-Version", "", "Mcp-Method", "tools/call", "Mcp-Name", "echo"}, 400, -32020},
		{"2026-07-28 without Mcp-Method", call, modernHeaders("", "echo"), 400, -32020},
		{"2026-07-28 with another Mcp-Name", call, modernHeaders("tools/call", "other"), 400, -32020},
		{"2026-07-28 with another Mcp-Method", call, modernHeaders("tools/list", "echo"), 400, -32020},
		{"2026-07-28 with another revision in its header", call, []string{"MCP-Protocol-Version", "2025-11-25", "Mcp-Method", "tools/call", "Mcp-Name", "echo"}, 400, -32020},
		{"2026-07-28 without capabilities", strings.Replace(call, `,"io.modelcontextprotocol/clientCapabilities":{}`, "", 1), modernHeaders("tools/call", "echo"), 400, -32602},
		{"2026-07-28 response", strings.Replace(call, `"method":"tools/call",`, "", 1), modernHeaders("tools/call", "echo"), 400, -32600},
		{"2027-01-01", strings.ReplaceAll(call, "2026-07-28", "2027-01-01"), []string{"MCP-Protocol-Version", "2027-01-01", "Mcp-Method", "tools/call", "Mcp-Name", "echo"}, 400, -32022},
		{"2026-07-28 header without its _meta", callEcho, modernHeaders("tools/call", "echo"), 400, -32602},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := start(t, streamable.Config{}).do(t, request(t, f.body, f.headers...))
				if got.StatusCode != f.status || errorCode(t, got) != f.code {
					t.Errorf("got %d %s, want %d with code %d", got.StatusCode, got.body, f.status, f.code)
				}
			})
		})
	}
}

// errorCode is the code of a reply's error, 0 if the reply is a result.
func errorCode(t *testing.T, got answer) int {
	t.Helper()
	var reply struct {
		Result json.RawMessage
		Error  struct{ Code int }
	}
	if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
		t.Fatalf("body %q: %v", got.body, err)
	}
	if reply.Error.Code == 0 && reply.Result == nil {
		t.Fatalf("got %s, want a result or an error", got.body)
	}
	return reply.Error.Code
}

func TestUnknownRevisionIs400(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}).do(t, request(t, callEcho, "MCP-Protocol-Version", "1999-01-01"))
		if got.StatusCode != http.StatusBadRequest {
			t.Errorf("got %d %s, want 400", got.StatusCode, got.body)
		}
	})
}
