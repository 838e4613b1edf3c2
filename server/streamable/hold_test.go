package streamable_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// chatter sends as many notifications as its argument n says, then replies.
var chatter = tool("chatter", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for i := range req.GetInt("n", 0) {
		if err := progress(ctx, req, i); err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText("done"), nil
})

func progress(ctx context.Context, req mcp.CallToolRequest, done int) error {
	return mcpserver.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress",
		map[string]any{"progressToken": req.Params.Meta.ProgressToken, "progress": done})
}

// callTool is a call with a progress token equal to its id.
func callTool(id int, name, arguments string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s,"_meta":{"progressToken":%d}}}`, id, name, arguments, id)
}

// events are the messages of an answer, which may be a stream or one object.
func events(t *testing.T, got answer) []map[string]any {
	t.Helper()
	var messages []map[string]any
	for line := range strings.Lines(got.body) {
		if data, ok := strings.CutPrefix(line, "data: "); ok || strings.HasPrefix(line, "{") {
			var message map[string]any
			if err := json.Unmarshal([]byte(data), &message); err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			messages = append(messages, message)
		}
	}
	return messages
}

// hold is a tool that reports once, then waits for release, the end of its
// context or of the test.
type hold struct {
	entered chan string // the key of each call that waits
	release chan struct{}
	ended   chan error // why each call's context ended, nil if it was released
}

func newHold() *hold {
	return &hold{entered: make(chan string, 100), release: make(chan struct{}), ended: make(chan error, 100)}
}

func (h *hold) tool() mcpserver.ServerTool {
	return tool("hold", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if req.Params.Meta != nil {
			_ = progress(ctx, req, 0)
		}
		h.entered <- streamable.BearerFromContext(ctx)
		select {
		case <-h.release:
			h.ended <- nil
			return mcp.NewToolResultText("released " + streamable.BearerFromContext(ctx)), nil
		case <-ctx.Done():
			h.ended <- context.Cause(ctx)
			return nil, ctx.Err()
		}
	})
}

// pending is a request in flight.
func (s *site) pending(t *testing.T, r *http.Request) <-chan answer {
	done := make(chan answer, 1)
	go func() { done <- s.do(t, r) }()
	return done
}

const callHold = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"hold"}}`

// readEvent returns the data of a stream's next event.
func readEvent(t *testing.T, stream *bufio.Reader) string {
	t.Helper()
	for {
		line, err := stream.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			return data
		}
	}
}
