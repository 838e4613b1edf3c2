package streamable_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// outcomes are what callbacks of calls report, in their order.
type outcomes chan bool

// tool registers a callback, then does what other does.
func (o outcomes) tool(other mcpserver.ServerTool) mcpserver.ServerTool {
	return tool("deliver", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		rpc.AfterReply(ctx, func(delivered bool) { o <- delivered })
		return other.Handler(ctx, r)
	})
}

func checkOutcomes(t *testing.T, o outcomes, want ...bool) {
	t.Helper()
	var got []bool
	for range len(o) {
		got = append(got, <-o)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("delivered, -want +got:\n%s", diff)
	}
}

const callDeliver = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"deliver"}}`

func TestReplyIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"JSON":         callDeliver,
		"event stream": callTool(7, "deliver", `{"n":2}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := make(outcomes, 10)
				s := start(t, streamable.Config{}, o.tool(chatter))
				s.do(t, request(t, body))
				synctest.Wait()
				checkOutcomes(t, o, true)
				s.stopped(t)
				checkOutcomes(t, o)
			})
		})
	}
}

func TestReplyOfAPanicIsNotDelivered(t *testing.T) {
	t.Parallel()
	panics := tool("panic", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { panic("secret") })
	for name, newMCPServer := range map[string]func(*testing.T, ...mcpserver.ServerTool) *mcpserver.MCPServer{
		"in the handler":          func(_ *testing.T, tools ...mcpserver.ServerTool) *mcpserver.MCPServer { return newServer(tools...) },
		"recovered by middleware": newFullServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := make(outcomes, 10)
				serve(t, streamable.Config{}, newMemory(), newMCPServer(t, o.tool(panics))).do(t, request(t, callDeliver))
				synctest.Wait()
				checkOutcomes(t, o, false)
			})
		})
	}
}

func TestReplyToAClientThatHasGoneIsNotDelivered(t *testing.T) {
	t.Parallel()
	large := tool("large", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(strings.Repeat("x", 100_000)), nil
	})
	hold := tool("", nil)
	for name, f := range map[string]struct {
		tool mcpserver.ServerTool
		body string
	}{
		"while the tool runs":        {hold, callDeliver},
		"while the tool streams":     {hold, callTool(7, "deliver", `{}`)},
		"while the reply is written": {large, callDeliver},
		"while a short one is":       {echo, callDeliver},
		"while an event is written":  {chatter, callTool(7, "deliver", `{"n":1}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := make(outcomes, 10)
				if f.tool.Handler == nil {
					f.tool = newHold().tool() // its channels belong to the bubble
				}
				conn := sendRaw(t, start(t, streamable.Config{}, o.tool(f.tool)), f.body)
				checkOutcomes(t, o) // the client has not read it
				conn.Close()
				synctest.Wait()
				checkOutcomes(t, o, false)
			})
		})
	}
}

func TestReplyOverAConnectionThatWasResetIsNotDelivered(t *testing.T) {
	t.Parallel()
	h, o := newHold(), make(outcomes, 10)
	handler, err := streamable.NewHandler(newServer(o.tool(h.tool())), streamable.Config{})
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSuffix(strings.TrimPrefix(listen(t, handler), "http://"), "/mcp")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(callDeliver), callDeliver)
	select {
	case <-h.entered:
	case <-time.After(30 * time.Second):
		t.Fatal("the call does not begin")
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // Close resets
	conn.Close()
	select {
	case delivered := <-o:
		if delivered {
			t.Error("got delivered")
		}
	case <-time.After(30 * time.Second):
		t.Error("the callback did not run")
	}
}

// failingWriter is a ResponseWriter that fails like a connection that was reset.
type failingWriter struct {
	*httptest.ResponseRecorder
	write, flush error
}

func (w failingWriter) Write(p []byte) (int, error) {
	if w.write != nil {
		return len(p) / 2, w.write
	}
	return w.ResponseRecorder.Write(p)
}

func (w failingWriter) FlushError() error { return w.flush }

func TestReplyThatIsNotFlushedIsNotDelivered(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset")
	for name, w := range map[string]failingWriter{
		"write": {httptest.NewRecorder(), reset, nil},
		"flush": {httptest.NewRecorder(), nil, reset},
	} {
		for form, body := range map[string]string{"JSON": callDeliver, "event": callTool(7, "deliver", `{"n":1}`)} {
			o := make(outcomes, 10)
			h, err := streamable.NewHandler(newServer(o.tool(chatter)), streamable.Config{})
			if err != nil {
				t.Fatal(err)
			}
			h.ServeHTTP(w, request(t, body))
			t.Log(name, form)
			checkOutcomes(t, o, false)
		}
	}
}

func TestStopReportsWhatWasNotDelivered(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	for name, f := range map[string]struct {
		tool mcpserver.ServerTool
		want bool
	}{
		"a call that is cancelled": {newHold().tool(), false},
		"a call that ends with a result": {tool("late", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			<-ctx.Done()
			return mcp.NewToolResultText("began run 5"), nil
		}), true},
		"a call that never ends": {tool("never", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			<-never
			return nil, errors.New("never")
		}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := make(outcomes, 10)
			entered := make(chan struct{})
			s := start(t, streamable.Config{}, tool("enter", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				close(entered)
				return o.tool(f.tool).Handler(ctx, r)
			}))
			go func() {
				resp, err := s.Do(request(t, strings.Replace(callDeliver, "deliver", "enter", 1)))
				if err == nil {
					_ = resp.Body.Close()
				}
			}()
			select {
			case <-entered:
			case <-time.After(30 * time.Second):
				t.Fatal("the call does not begin")
			}
			s.stopped(t)
			checkOutcomes(t, o, f.want)
		})
	}
	t.Cleanup(func() { close(never) })
}
