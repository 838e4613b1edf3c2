package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
)

func tool(name string, handle mcpserver.ToolHandlerFunc) mcpserver.ServerTool {
	return mcpserver.ServerTool{
		Tool:    mcp.Tool{Name: name, InputSchema: mcp.ToolInputSchema{Type: "object"}},
		Handler: handle,
	}
}

func answer(text string) mcpserver.ToolHandlerFunc {
	return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(text), nil
	}
}

// newServer returns a server whose log goes to the buffer, a JSON object a line.
func newServer(t *testing.T, tools ...mcpserver.ServerTool) (*mcpserver.MCPServer, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s, err := server.New(server.Config{
		Name: "name", Title: "Title", Version: "1.2.3", Instructions: "Do this.",
		Tools: tools, Logger: slog.New(slog.NewJSONHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, &log
}

// send returns the reply to line as JSON.
func send(ctx context.Context, t *testing.T, s *mcpserver.MCPServer, line string) string {
	t.Helper()
	reply, err := json.Marshal(s.HandleMessage(ctx, json.RawMessage(line)))
	if err != nil {
		t.Fatal(err)
	}
	return string(reply)
}

const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`

func TestOnlyAFixedListOfToolsIsOffered(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, tool("a", answer("")))
	for name, tt := range map[string]struct{ line, want string }{
		"initialize": {
			`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}`,
			`"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},` +
				`"serverInfo":{"name":"name","version":"1.2.3","title":"Title"},"instructions":"Do this."}`,
		},
		"discover":              {`{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{` + meta + `}}`, `"capabilities":{"tools":{}}`},
		"discover is cacheable": {`{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{` + meta + `}}`, `"ttlMs":3600000,"cacheScope":"private"`},
		"list is cacheable":     {`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + meta + `}}`, `"ttlMs":3600000,"cacheScope":"private"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := send(t.Context(), t, s, tt.line); !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %s in it", got, tt.want)
			}
		})
	}
}

func TestPanicBecomesToolError(t *testing.T) {
	t.Parallel()
	s, log := newServer(t, tool("fail", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		panic("ba-secret")
	}))
	reply := send(t.Context(), t, s, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fail"}}`)
	var got struct{ Result mcp.CallToolResult }
	if err := json.Unmarshal([]byte(reply), &got); err != nil {
		t.Fatal(err)
	}
	text := got.Result.Content[0].(mcp.TextContent).Text
	sentence, last, _ := strings.Cut(text, "\n")
	want := `{"error":{"code":"internal_error","message":"the tool panicked","retryable":false}}`
	if !got.Result.IsError || !strings.HasSuffix(sentence, ".") || last != want {
		t.Errorf("got %s, want an error result with a sentence and %s", reply, want)
	}
	if strings.Contains(reply, "secret") || strings.Contains(reply, ".go") {
		t.Errorf("got %s, want nothing of the panic", reply)
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("got the panic's value in the log %s", log)
	}
	if !strings.Contains(log.String(), "server_test.go") || !strings.Contains(log.String(), `"tool":"fail"`) {
		t.Errorf("got the log %s, want the stack and the tool", log)
	}
}

// session is one that knows which request it belongs to.
type session struct{ mcpserver.ClientSession }

func (session) SessionID() string { return "" }
func (session) RequestID() string { return "7" }

func TestCallIsLoggedWithoutWhatItCarries(t *testing.T) {
	t.Parallel()
	tools := []mcpserver.ServerTool{
		tool("good", answer("secret")),
		tool("bad", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultError("secret"), nil
		}),
		tool("worse", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return nil, errors.New("secret")
		}),
	}
	for name, want := range map[string]map[string]any{
		"good":  {"level": "INFO", "msg": "tool call", "tool": "good", "request_id": "7", "is_error": false},
		"bad":   {"level": "INFO", "msg": "tool call", "tool": "bad", "request_id": "7", "is_error": true},
		"worse": {"level": "INFO", "msg": "tool call", "tool": "worse", "request_id": "7", "is_error": true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, log := newServer(t, tools...)
			ctx := s.WithContext(t.Context(), session{})
			send(ctx, t, s, `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"`+name+`","arguments":{"x":"secret"}}}`)
			var got map[string]any
			if err := json.Unmarshal(log.Bytes(), &got); err != nil {
				t.Fatalf("got the log %s, want one line: %v", log, err)
			}
			if _, ok := got["duration"].(float64); !ok {
				t.Errorf("got the log %s, want a duration", log)
			}
			delete(got, "duration")
			delete(got, "time")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("log line, -want +got:\n%s", diff)
			}
		})
	}
}

func TestIncompleteConfigIsRefused(t *testing.T) {
	t.Parallel()
	a, logger := tool("a", answer("")), slog.New(slog.DiscardHandler)
	for name, cfg := range map[string]server.Config{
		"no name":         {Version: "1", Logger: logger},
		"no version":      {Name: "n", Logger: logger},
		"no logger":       {Name: "n", Version: "1"},
		"tool, no name":   {Name: "n", Version: "1", Logger: logger, Tools: []mcpserver.ServerTool{tool("", answer(""))}},
		"no handler":      {Name: "n", Version: "1", Logger: logger, Tools: []mcpserver.ServerTool{tool("a", nil)}},
		"same name twice": {Name: "n", Version: "1", Logger: logger, Tools: []mcpserver.ServerTool{a, a}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s, err := server.New(cfg); err == nil || s != nil {
				t.Errorf("got %v and %v, want no server and an error", s, err)
			}
		})
	}
}
