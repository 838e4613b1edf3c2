package call

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// A pipe is a session whose client does not read.
type pipe chan mcp.JSONRPCNotification

func (pipe) Initialize()                                           {}
func (pipe) Initialized() bool                                     { return true }
func (pipe) SessionID() string                                     { return "pipe" }
func (p pipe) NotificationChannel() chan<- mcp.JSONRPCNotification { return p }

// mcp-go's session holds 100 notifications and drops more: of a task that changes all the
// time at most four messages a second are sent, with increasing progress.
func TestProgressIsLimitedToFourMessagesASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 20 * time.Second
		s := server.NewMCPServer("test", "1")
		s.AddTool(mcp.Tool{Name: "busy"}, func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx, end := new(Calls).Begin(ctx, req.Params.Meta, length)
			defer end()
			stop := From(ctx).Progress().Heartbeat(ctx)
			for n := range 1000 {
				From(ctx).Progress().Report(ctx, strconv.Itoa(n))
				time.Sleep(length / 1000)
			}
			stop()
			return mcp.NewToolResultText(""), nil
		})
		sent := make(pipe, 1000)
		s.HandleMessage(s.WithContext(t.Context(), sent), json.RawMessage(
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"busy","_meta":{"progressToken":"p"}}}`))
		close(sent)
		if n, limit := len(sent), 1+int(length/time.Second)*4; n > limit || n < limit/2 {
			t.Errorf("%d messages in %v, want at most %d", n, length, limit)
		}
		last := 0.0
		for notification := range sent {
			now, _ := notification.Params.AdditionalFields["progress"].(float64)
			if now <= last {
				t.Errorf("progress %v follows %v", now, last)
			}
			last = now
		}
	})
}
