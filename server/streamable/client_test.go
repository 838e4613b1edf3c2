package streamable_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// listen serves on a loopback port until the test ends and returns the URL.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- streamable.Serve(ctx, ln, h, streamable.Config{}) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return "http://" + ln.Addr().String() + "/mcp"
}

func TestClientOfEitherEraOverTCP(t *testing.T) {
	t.Parallel()
	h, err := streamable.NewHandler(newServer(chatter), streamable.Config{})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := listen(t, h)
	for _, version := range []string{mcp.ProtocolVersion20251125, mcp.ProtocolVersion20260728} {
		t.Run(version, func(t *testing.T) {
			c, err := client.NewStreamableHttpClient(endpoint, transport.WithHTTPHeaders(map[string]string{"Authorization": "Bearer app-1"}))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			var notes atomic.Int64
			c.OnNotification(func(mcp.JSONRPCNotification) { notes.Add(1) })
			if err := c.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			negotiated, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
				ProtocolVersion: version, ClientInfo: mcp.Implementation{Name: "test", Version: "1"},
			}})
			if err != nil || negotiated.ProtocolVersion != version {
				t.Fatalf("initialize: got %v, %v", negotiated, err)
			}
			tools, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
			if err != nil || len(tools.Tools) != 2 {
				t.Fatalf("list: got %v, %v", tools, err)
			}
			result, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{
				Name: "chatter", Arguments: map[string]any{"n": 5}, Meta: &mcp.Meta{ProgressToken: "p"},
			}})
			if err != nil || result.IsError || notes.Load() != 5 {
				t.Errorf("call: got %v, %v after %d notifications, want 5", result, err, notes.Load())
			}
		})
	}
}
