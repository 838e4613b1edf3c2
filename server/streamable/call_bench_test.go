package streamable_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// BenchmarkCall is what a call costs beside its tool and the network, also as a
// ratio to mcp-go's own handler without the checks in front of it.
func BenchmarkCall(b *testing.B) {
	b.ReportAllocs()
	newServer := func() *mcpserver.MCPServer {
		s, err := server.New(server.Config{Name: "test", Version: "1", Logger: slog.New(slog.DiscardHandler), Tools: []mcpserver.ServerTool{{
			Tool: mcp.Tool{Name: "echo", InputSchema: mcp.ToolInputSchema{Type: "object"}},
			Handler: func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				return mcp.NewToolResultText("ok"), nil
			},
		}}})
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	whole, err := streamable.NewHandler(newServer(), streamable.Config{})
	if err != nil {
		b.Fatal(err)
	}
	bare := mcpserver.NewStreamableHTTPServer(newServer(), mcpserver.WithStateLess(true))
	var ours, theirs time.Duration
	for b.Loop() {
		ours += answering(b, whole)
		theirs += answering(b, bare)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ours/mcp-go")
}

// answering returns how long a handler takes to answer a call.
func answering(b *testing.B, h http.Handler) time.Duration {
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://127.0.0.1/mcp",
		strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	w := httptest.NewRecorder()
	began := time.Now()
	h.ServeHTTP(w, r)
	took := time.Since(began)
	if w.Code != http.StatusOK {
		b.Fatalf("HTTP %d: %s", w.Code, w.Body)
	}
	return took
}
