package stdio_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
	"github.com/browseract/browseract-mcp/server/stdio"
)

// outcomes are what callbacks of calls report, in their order.
type outcomes chan bool

// tool registers a callback, then does what handle does.
func (o outcomes) tool(handle mcpserver.ToolHandlerFunc) mcpserver.ServerTool {
	return tool("deliver", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		rpc.AfterReply(ctx, func(delivered bool) { o <- delivered })
		return handle(ctx, r)
	})
}

// all are the outcomes so far.
func (o outcomes) all() []bool {
	got := []bool{}
	for range len(o) {
		got = append(got, <-o)
	}
	return got
}

func checkOutcomes(t *testing.T, o outcomes, want ...bool) {
	t.Helper()
	if diff := cmp.Diff(want, o.all(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("delivered, -want +got:\n%s", diff)
	}
}

func TestReplyIsDeliveredOnceItIsWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := make(outcomes, 10)
		c := connect(t, []mcpserver.ServerTool{o.tool(echo.Handler)})
		c.send(call("1", "deliver"))
		synctest.Wait()
		checkOutcomes(t, o) // the client does not read yet
		c.next()
		synctest.Wait()
		checkOutcomes(t, o, true)
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v", rest)
		}
		checkOutcomes(t, o)
	})
}

func TestReplyOfAPanicOrOfNoJSONIsNotDelivered(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]mcpserver.ToolHandlerFunc{
		"panic": fail.Handler,
		"no JSON": func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{StructuredContent: math.NaN()}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := make(outcomes, 10)
			c := connect(t, []mcpserver.ServerTool{o.tool(handle)})
			c.send(call("1", "deliver"))
			if got := c.rest(); len(got) != 1 {
				t.Errorf("got %+v, want one reply", got)
			}
			checkOutcomes(t, o, false)
		})
	}
}

func TestCancelledReplyIsNotDelivered(t *testing.T) {
	t.Parallel()
	for name, lateCancel := range map[string]bool{"while the call runs": false, "while the reply waits for its turn": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := make(outcomes, 10)
				handle := wait.Handler
				if lateCancel {
					handle = echo.Handler
				}
				c := connect(t, []mcpserver.ServerTool{o.tool(handle), echo})
				if lateCancel {
					c.send(call(`"first"`, "echo")) // its reply is being written until the client reads
					synctest.Wait()
				}
				c.send(call("1", "deliver"))
				synctest.Wait()
				c.send(cancel("1"))
				synctest.Wait()
				for _, r := range c.rest() {
					if string(r.ID) != `"first"` {
						t.Errorf("got %+v", r)
					}
				}
				checkOutcomes(t, o, false)
			})
		})
	}
}

// brokenWriter takes some bytes, then fails.
type brokenWriter struct{ left int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	n := min(w.left, len(p))
	if w.left -= n; n < len(p) {
		return n, errors.New("broken")
	}
	return n, nil
}

func TestReplyThatIsNotWrittenAsAWholeIsNotDelivered(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"closed": 0, "broken in the middle": 50} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := make(outcomes, 10)
			err := stdio.Serve(t.Context(), newServer(t, o.tool(echo.Handler)), strings.NewReader(call("1", "deliver")), &brokenWriter{size})
			if err == nil {
				t.Error("got nil, want the error of the write")
			}
			checkOutcomes(t, o, false)
		})
	}
}

func TestStopReportsWhatWasNotDelivered(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(never <-chan struct{}) mcpserver.ToolHandlerFunc{
		"a call that is cancelled": func(<-chan struct{}) mcpserver.ToolHandlerFunc { return wait.Handler },
		"a call that never ends": func(never <-chan struct{}) mcpserver.ToolHandlerFunc {
			return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				<-never
				return nil, errors.New("never")
			}
		},
		"a reply that the client does not read": func(<-chan struct{}) mcpserver.ToolHandlerFunc { return echo.Handler },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				never := make(chan struct{})
				defer close(never)
				o := make(outcomes, 10)
				c := connect(t, []mcpserver.ServerTool{o.tool(handle(never))})
				c.send(call("1", "deliver"))
				synctest.Wait()
				c.stop()
				if err := <-c.ended; err != nil {
					t.Error(err)
				}
				checkOutcomes(t, o, false)
			})
		})
	}
}
