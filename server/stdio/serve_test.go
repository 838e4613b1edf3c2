package stdio_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// mcp-go's own loop answers between 1 and 96 of them, and never the last.
func TestEveryPipedCallIsAnsweredAtEOF(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := make([]string, 100)
		for n := range calls {
			calls[n] = call(strconv.Itoa(n), "echo")
		}
		input := strings.NewReader(strings.Join(calls, "\n")) // no newline at its end
		var out strings.Builder
		if err := stdio.Serve(t.Context(), newServer(t, echo), input, &out); err != nil {
			t.Errorf("got %v, want nil", err)
		}
		if got := strings.Count(out.String(), `"text":"ok"`); got != len(calls) {
			t.Errorf("got %d replies to %d calls", got, len(calls))
		}
	})
}

// progress sends three notifications and returns at once.
func progress(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for n := range 3 {
		err := mcpserver.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress", map[string]any{
			"progressToken": request.Params.Meta.ProgressToken, "progress": n + 1,
		})
		if err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText("done"), nil
}

// mcp-go's own loop writes the last notification after the reply in most calls.
func TestProgressIsCompleteAndBeforeItsReply(t *testing.T) {
	t.Parallel()
	const calls = 1500
	c := connect(t, []mcpserver.ServerTool{tool("progress", progress)}, stdio.WithLimits(4<<20, calls))
	go func() {
		for n := range calls {
			fmt.Fprintln(c.in, call(strconv.Itoa(n), "progress"))
		}
	}()
	seen := map[string]int{} // how far each call is: 3 notifications, then 4 is its reply
	for replies := 0; replies < calls; {
		r, _ := c.next()
		if r.Method != "" {
			seen[string(r.Params.Token)]++
			if got, want := seen[string(r.Params.Token)], r.Params.Progress; got != want {
				t.Fatalf("call %s: line %d is its progress %d", r.Params.Token, got, want)
			}
			continue
		}
		replies++
		seen[string(r.ID)]++
		if got := seen[string(r.ID)]; got != 4 || r.Result == nil {
			t.Fatalf("call %s: line %d is its reply", r.ID, got)
		}
	}
	if len(seen) != calls {
		t.Errorf("got lines of %d calls, want %d", len(seen), calls)
	}
}

func TestNotificationAfterTheReplyIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		replied := make(chan struct{})
		stray := tool("stray", func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			go func() {
				<-replied
				_, _ = progress(ctx, request)
			}()
			return mcp.NewToolResultText("done"), nil
		})
		c := connect(t, []mcpserver.ServerTool{stray})
		c.send(call("1", "stray"))
		if r, _ := c.next(); r.Result == nil {
			t.Errorf("got %+v first, want the reply", r)
		}
		close(replied)
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v after the reply, want nothing", rest)
		}
	})
}

// mcp-go's own session is a package variable: its servers get each other's.
func TestTwoServersShareNoNotifications(t *testing.T) {
	t.Parallel()
	s := newServer(t, tool("progress", progress))
	for _, id := range []string{"1", "2"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c := serve(t, s)
			for range 100 {
				c.send(call(id, "progress"))
				for range 3 {
					if r, _ := c.next(); string(r.Params.Token) != id {
						t.Fatalf("got progress of %s, want %s", r.Params.Token, id)
					}
				}
				c.next()
			}
		})
	}
}

// In mcp-go's own loop a ping took 83 s behind 600 calls of a second.
func TestWaitingCallsHoldUpNeitherPingNorCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int64
		wait := tool("wait", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			open.Add(1)
			defer open.Add(-1)
			<-ctx.Done()
			return mcp.NewToolResultText("waited"), nil
		})
		c := connect(t, []mcpserver.ServerTool{wait})
		for n := range 600 {
			c.send(call(strconv.Itoa(n), "wait"))
		}
		start := time.Now()
		c.send(cancel("7"), ping(`"ping"`))
		if r, _ := c.next(); string(r.ID) != `"ping"` {
			t.Errorf("got the reply to %s first, want the ping's", r.ID)
		}
		synctest.Wait()
		if got := open.Load(); got != 599 {
			t.Errorf("got %d calls open after a cancel, want 599", got)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("got an answer after %v, want it at once", took)
		}
		c.rest()
	})
}

func TestInitializeIsAnsweredBeforeWhatFollows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hooks := &mcpserver.Hooks{}
		hooks.AddBeforeInitialize(func(context.Context, any, *mcp.InitializeRequest) { <-time.After(time.Second) })
		c := serve(t, mcpserver.NewMCPServer("slow", "1", mcpserver.WithHooks(hooks)))
		c.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}`, ping("2"))
		if r, _ := c.next(); string(r.ID) != "1" {
			t.Errorf("got the reply to %s first, want that to initialize", r.ID)
		}
		c.rest()
	})
}

// mcp-go takes any number of requests.
func TestRequestBeyondThePendingLimitIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{wait, echo}, stdio.WithLimits(4<<20, 2))
		c.send(call("1", "wait"), call("2", "wait"), call("3", "echo"))
		if r, _ := c.next(); string(r.ID) != "3" || r.Error == nil || r.Error.Code != -32000 {
			t.Errorf("got %+v, want the refusal of call 3", r)
		}
		c.send(cancel("1"))
		synctest.Wait()
		c.send(call("4", "echo"))
		if r, _ := c.next(); string(r.ID) != "4" || r.Result == nil {
			t.Errorf("got %+v, want the result of call 4", r)
		}
		c.rest()
	})
}

func TestClientThatDoesNotReadIsNotBufferedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{echo}, stdio.WithLimits(4<<20, 10))
		var taken atomic.Int64
		go func() {
			line := `{"jsonrpc":"2.0","id":%d,"method":"ping","params":{"pad":"` + strings.Repeat("x", 4096) + `"}}` + "\n"
			for n := 0; ; n++ {
				if _, err := fmt.Fprintf(c.in, line, n); err != nil {
					return
				}
				taken.Add(1)
			}
		}()
		synctest.Wait()
		// 10 pending, one refused, and what fits the reader's buffer.
		if got := taken.Load(); got > 10+1+64<<10/4096 {
			t.Errorf("got %d lines taken from a client that does not read", got)
		}
		start := time.Now()
		c.stop()
		if err := <-c.ended; err != nil {
			t.Errorf("got %v, want nil", err)
		}
		if took := time.Since(start); took > 1500*time.Millisecond {
			t.Errorf("got an end after %v, want it within 1.5 s", took)
		}
	})
}

// mcp-go's own loop answers cancelled calls, and takes 1 for "1".
func TestCancelledCallIsNotAnswered(t *testing.T) {
	t.Parallel()
	const modern = `,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}`
	tests := map[string]struct {
		id, cancelled string
		answered      bool
	}{
		"same number":                {id: `1`, cancelled: `1`},
		"same string":                {id: `"a"`, cancelled: `"a"`},
		"same string written longer": {id: `"a"`, cancelled: `"\u0061"`},
		"number and string":          {id: `1`, cancelled: `"1"`, answered: true},
		"string and number":          {id: `"1"`, cancelled: `1`, answered: true},
		"neighbours above 2^53":      {id: `9007199254740993`, cancelled: `9007199254740992`, answered: true},
		"another call":               {id: `1`, cancelled: `2`, answered: true},
		"no id":                      {id: `1`, cancelled: `null`, answered: true},
	}
	for name, tt := range tests {
		for era, meta := range map[string]string{"2025-11-25": "", "2026-07-28": modern} {
			t.Run(name+"/"+era, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := connect(t, []mcpserver.ServerTool{wait})
					c.send(strings.Replace(call(tt.id, "wait"), `"_meta":{`, `"_meta":{"x":1`+meta+`,`, 1), cancel(tt.cancelled))
					if got := len(c.rest()); (got > 0) != tt.answered {
						t.Errorf("got %d replies, want some: %v", got, tt.answered)
					}
				})
			})
		}
	}
}

func TestIDInUseIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{wait, echo})
		c.send(call("1", "wait"), call("1", "echo"), call(`"1"`, "echo"))
		got := map[string]bool{} // whether the id's reply is an error
		for range 2 {
			r, _ := c.next()
			got[string(r.ID)] = r.Error != nil
		}
		if diff := cmp.Diff(map[string]bool{"1": true, `"1"`: false}, got); diff != "" {
			t.Errorf("replies that are errors, -want +got:\n%s", diff)
		}
		c.send(cancel("1"), call("1", "echo"))
		if r, _ := c.next(); string(r.ID) != "1" || r.Result == nil {
			t.Errorf("got %+v, want the result of the call that uses the id again", r)
		}
		c.rest()
	})
}

// mcp-go reads ids as float64 and sends them back changed.
func TestReplyHasTheIDAsSent(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`0`, `-1`, `9007199254740993`, `123456789012345678901234567890`, `""`, `"\u0061"`} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c := connect(t, []mcpserver.ServerTool{echo})
			c.send(call(id, "echo"))
			if r, _ := c.next(); string(r.ID) != id {
				t.Errorf("got the id %s, want %s", r.ID, id)
			}
		})
	}
}
