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

// mcp-go's session holds 100 notifications and drops what is above: a task that
// changes all the time is told of at most four times a second, ever further on.
func TestTaskThatChangesAllTheTimeFillsNoSession(t *testing.T) {
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
		told := make(pipe, 1000)
		s.HandleMessage(s.WithContext(t.Context(), told), json.RawMessage(
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"busy","_meta":{"progressToken":"p"}}}`))
		close(told)
		if n, most := len(told), 1+int(length/time.Second)*4; n > most || n < most/2 {
			t.Errorf("told %d times in %v, want at most %d", n, length, most)
		}
		last := 0.0
		for notification := range told {
			now, _ := notification.Params.AdditionalFields["progress"].(float64)
			if now <= last {
				t.Errorf("progress %v follows %v", now, last)
			}
			last = now
		}
	})
}
