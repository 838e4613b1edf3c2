package streamable_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// newExtras has a resource and a prompt, and errors of both.
func newExtras(t testing.TB) *mcpserver.MCPServer {
	t.Helper()
	s, err := server.New(server.Config{
		Name: "test", Version: "1", Logger: slog.New(slog.DiscardHandler),
		Resources: []mcpserver.ServerResourceTemplate{{
			Template: mcp.NewResourceTemplate("test://{id}", "test"),
			Handler: func(_ context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				if req.Params.URI != "test://1" {
					return nil, fmt.Errorf("look in list_tests: %w", mcp.ErrResourceNotFound)
				}
				return []mcp.ResourceContents{mcp.TextResourceContents{URI: req.Params.URI, Text: "what it holds"}}, nil
			},
		}},
		Prompts: []mcpserver.ServerPrompt{{Prompt: mcp.NewPrompt("asks", mcp.WithArgument("wish")), Handler: func(_ context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			if req.Params.Arguments["wish"] == "" {
				return nil, fmt.Errorf("send a wish: %w", mcp.ErrInvalidParams)
			}
			return mcp.NewGetPromptResult("", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent("I wish "+req.Params.Arguments["wish"]))}), nil
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestResourcesAndPromptsInBothEras(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for name, tt := range map[string]struct {
		method, params, header string
		status2026             int // 2025-11-25 has 200 for all
		code2025, code2026     int // of the error, 0 for a result
		want                   string
	}{
		"a resource":             {"resources/read", `"uri":"test://1"`, "test://1", 200, 0, 0, "what it holds"},
		"a missing resource":     {"resources/read", `"uri":"test://2"`, "test://2", 400, -32002, -32602, `look in list_tests: resource not found","data":{"uri":"test://2"}`},
		"an unknown address":     {"resources/read", `"uri":"else://2"`, "else://2", 400, -32002, -32602, `Resource \"else://2\" not found`},
		"a prompt":               {"prompts/get", `"name":"asks","arguments":{"wish":"rain"}`, "asks", 200, 0, 0, "I wish rain"},
		"a prompt of nothing":    {"prompts/get", `"name":"asks"`, "asks", 400, -32602, -32602, "send a wish: invalid params"},
		"an unknown prompt":      {"prompts/get", `"name":"` + long + `"`, long, 400, -32602, -32602, `Prompt \"` + long[:64] + `…\" not found`},
		"an unknown method":      {long, ``, "", 404, -32601, -32601, "error"},
		"a method of no support": {"completion/complete", ``, "", 404, -32601, -32601, "completions not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				site := serve(t, streamable.Config{}, newMemory(), newExtras(t))
				old := site.do(t, request(t, `{"jsonrpc":"2.0","id":7,"method":"`+tt.method+`","params":{`+tt.params+`}}`))
				if old.StatusCode != http.StatusOK || errorCode(t, old) != tt.code2025 || !strings.Contains(old.body, tt.want) || len(old.body) > 1000 {
					t.Errorf("2025-11-25: got %d %.300s, want %d %s", old.StatusCode, old.body, tt.code2025, tt.want)
				}
				now := site.do(t, request(t, modern(7, tt.method, tt.params), modernHeaders(tt.method, tt.header)...))
				if now.StatusCode != tt.status2026 || errorCode(t, now) != tt.code2026 || !strings.Contains(now.body, tt.want) || len(now.body) > 1000 {
					t.Errorf("2026-07-28: got %d %.300s, want %d with %d %s", now.StatusCode, now.body, tt.status2026, tt.code2026, tt.want)
				}
			})
		})
	}
}

func TestNameInTheHeaderIsThatOfTheRequest(t *testing.T) {
	t.Parallel()
	for method, params := range map[string]string{"resources/read": `"uri":"test://1"`, "prompts/get": `"name":"asks","arguments":{"wish":"rain"}`} {
		for _, header := range []string{"", "another"} {
			synctest.Test(t, func(t *testing.T) {
				site := serve(t, streamable.Config{}, newMemory(), newExtras(t))
				got := site.do(t, request(t, modern(7, method, params), modernHeaders(method, header)...))
				if got.StatusCode != http.StatusBadRequest || errorCode(t, got) != mcp.HEADER_MISMATCH {
					t.Errorf("%s as %q: got %d %s", method, header, got.StatusCode, got.body)
				}
			})
		}
	}
}
