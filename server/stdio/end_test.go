package stdio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// ends are the two ways in which Serve is asked to end.
var ends = map[string]func(*client){
	"end of input": func(c *client) { c.in.Close() },
	"context done": func(c *client) { c.stop() }, // with Read blocked for ever
}

// In mcp-go's own loop the end of input cancels what runs, and a context that is
// done is an error.
func TestServeEndsInOrderAndInTime(t *testing.T) {
	t.Parallel()
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { testServeEndsInOrderAndInTime(t, end) })
		})
	}
}

func testServeEndsInOrderAndInTime(t *testing.T, end func(*client)) {
	closing, never := make(chan struct{}), make(chan struct{})
	defer close(never)
	waiter := tool("waiter", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-closing
		return mcp.NewToolResultText("still running"), nil
	})
	short := tool("short", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-time.After(time.Second)
		return mcp.NewToolResultText("finished"), nil
	})
	stubborn := tool("stubborn", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-never
		return mcp.NewToolResultText("too late"), nil
	})
	c := connect(t, []mcpserver.ServerTool{waiter, short, wait, stubborn},
		stdio.WithClosing(func() { close(closing) })) // panics if called twice
	c.send(call("1", "waiter"), call("2", "short"), call("3", "wait"), call("4", "stubborn"))
	synctest.Wait()
	start := time.Now()
	end(c)
	got := map[string]string{}
	for r := range c.lines() {
		got[string(r.ID)] = r.text() + " after " + time.Since(start).String()
	}
	want := map[string]string{
		"1": "still running after 0s",
		"2": "finished after 1s",
		"3": "The server is shutting down. after 1.2s",
		"4": "The server is shutting down. after 1.2s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("replies, -want +got:\n%s", diff)
	}
	if err := <-c.ended; err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if took := time.Since(start); took > 1500*time.Millisecond {
		t.Errorf("got an end after %v, want it within 1.5 s", took)
	}
}

func TestServeWaitsForOwnedWorkOfACancelledCall(t *testing.T) {
	t.Parallel()
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var owner sync.WaitGroup
				paid := false
				start := tool("start", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
					owner.Go(func() {
						<-time.After(10 * time.Second)
						paid = true
					})
					<-ctx.Done()
					return nil, ctx.Err()
				})
				c := connect(t, []mcpserver.ServerTool{start}, stdio.WithDetached(func(ctx context.Context) bool {
					owner.Wait()
					if ctx.Err() != nil {
						t.Errorf("got a context that is done for owned work: %v", ctx.Err())
					}
					return true
				}))
				c.send(call("1", "start"), cancel("1"))
				synctest.Wait()
				end(c)
				if err := <-c.ended; err != nil || !paid {
					t.Errorf("got %v, owned work done: %v; want nil and true", err, paid)
				}
			})
		})
	}
}

func TestCallThatWaitsForOwnedWorkTellsOfIt(t *testing.T) {
	t.Parallel()
	for name, end := range ends {
		for _, late := range []time.Duration{0, time.Second} {
			t.Run(fmt.Sprintf("%s, work after %v", name, late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { testCallTellsOfOwnedWork(t, end, late) })
			})
		}
	}
}

func testCallTellsOfOwnedWork(t *testing.T, end func(*client), late time.Duration) {
	var begun atomic.Bool
	paid := make(chan struct{})
	start := tool("start", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-time.After(late) // which may be after the end has begun
		begun.Store(true)
		<-time.After(10 * time.Second)
		close(paid)
		<-time.After(500 * time.Millisecond) // a last look at what was started
		return mcp.NewToolResultText("started"), nil
	})
	c := connect(t, []mcpserver.ServerTool{start}, stdio.WithDetached(func(context.Context) bool {
		if begun.Load() {
			<-paid
		}
		return begun.Load()
	}))
	c.send(call("1", "start"))
	synctest.Wait()
	end(c)
	var got []string
	for r := range c.lines() {
		got = append(got, r.text())
	}
	if diff := cmp.Diff([]string{"started"}, got); diff != "" {
		t.Errorf("replies, -want +got:\n%s", diff)
	}
}

func TestEndCancelsEveryCallOfAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cancelled atomic.Int64
		wait := tool("wait", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			<-ctx.Done()
			cancelled.Add(1)
			return nil, ctx.Err()
		})
		c := connect(t, []mcpserver.ServerTool{wait})
		c.send(call("1", "wait"), call("2", "wait"), call("3", "wait"))
		c.in.Close()
		if err := <-c.ended; err != nil || cancelled.Load() != 3 {
			t.Errorf("got %v and %d of 3 calls cancelled, want nil and all", err, cancelled.Load())
		}
	})
}

func TestRequestDuringTheEndIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{wait, echo})
		c.send(call("1", "wait"))
		synctest.Wait()
		c.stop()
		synctest.Wait()
		c.send(call("2", "echo"))
		if r, _ := c.next(); string(r.ID) != "2" || r.text() != "The server is shutting down." {
			t.Errorf("got %+v, want the refusal of call 2", r)
		}
		c.rest()
	})
}

func TestBrokenOutputEndsServeAndItsCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cancelled := false
		wait := tool("wait", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			<-ctx.Done()
			cancelled = true
			return nil, ctx.Err()
		})
		in, client := io.Pipe()
		defer client.Close()
		out, server := io.Pipe()
		out.Close()
		go func() { _, _ = io.WriteString(client, call("1", "wait")+"\n"+ping("2")+"\n") }()
		start := time.Now()
		err := stdio.Serve(t.Context(), newServer(t, wait), in, server)
		if !errors.Is(err, io.ErrClosedPipe) || !cancelled {
			t.Errorf("got %v, call cancelled: %v; want the write's error and true", err, cancelled)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("got an end after %v, want it at once", took)
		}
	})
}

func TestBrokenInputIsAnErrorAfterTheReplies(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	in := io.MultiReader(strings.NewReader(call("1", "echo")+"\n"), iotest.ErrReader(broken))
	var out strings.Builder
	err := stdio.Serve(t.Context(), newServer(t, echo), in, &out)
	if !errors.Is(err, broken) || !strings.Contains(out.String(), `"text":"ok"`) {
		t.Errorf("got %v and %q, want the read's error and the reply", err, out.String())
	}
}
