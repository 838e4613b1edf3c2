package streamable_test

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// mcp-go loses the last notification before a reply in 20 to 90 % of calls.
func TestEveryNotificationPrecedesItsReply(t *testing.T) {
	t.Parallel()
	s := start(t, streamable.Config{}, chatter)
	for id := range 500 {
		n := 1 + id%4
		got := events(t, s.do(t, request(t, callTool(id, "chatter", fmt.Sprintf(`{"n":%d}`, n)))))
		if len(got) != n+1 {
			t.Fatalf("call %d: got %d messages, want %d notifications and a reply", id, len(got), n)
		}
		for i, message := range got[:n] {
			if params, _ := message["params"].(map[string]any); message["method"] != "notifications/progress" || params["progress"] != float64(i) {
				t.Fatalf("call %d: message %d is %v", id, i, message)
			}
		}
		if got[n]["id"] != float64(id) || got[n]["result"] == nil {
			t.Fatalf("call %d: got reply %v", id, got[n])
		}
	}
}

// mcp-go leaves out X-Accel-Buffering.
func TestEventStreamPassesProxies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}, chatter).do(t, request(t, callTool(1, "chatter", `{"n":1}`)))
		for name, want := range map[string]string{
			"Content-Type":      "text/event-stream",
			"X-Accel-Buffering": "no",
			"Cache-Control":     "no-store, no-transform",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: got %q, want %q", name, got.Header.Get(name), want)
			}
		}
	})
}

func TestClientWithoutStreamsGetsPlainJSON(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}, chatter).do(t, request(t, callTool(1, "chatter", `{"n":3}`), "Accept", "application/json"))
		if got.Header.Get("Content-Type") != "application/json" || len(events(t, got)) != 1 {
			t.Errorf("got %s %s", got.Header.Get("Content-Type"), got.body)
		}
	})
}

// mcp-go has a handler wait for an answer that cannot come without a session.
func TestElicitationWithoutSessionFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := start(t, streamable.Config{}, tool("ask", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			_, err := mcpserver.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{
				Params: mcp.ElicitationParams{Message: "Go on?", RequestedSchema: map[string]any{"type": "object"}},
			})
			return mcp.NewToolResultText(fmt.Sprint("elicitation: ", err)), nil
		}))
		got := s.do(t, request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask"}}`))
		if !strings.Contains(got.body, mcpserver.ErrElicitationNotSupported.Error()) || time.Since(began) > 0 {
			t.Errorf("after %v: got %s", time.Since(began), got.body)
		}
	})
}

// mcp-go answers -32603 with HTTP 200 for a capability that the client lacks.
func TestMissingCapabilityIs400(t *testing.T) {
	t.Parallel()
	needy := tool("needy", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if req.Params.Meta != nil && req.Params.Meta.ProgressToken != nil {
			_ = progress(ctx, req, 0)
		}
		return nil, fmt.Errorf("ask: %w", mcp.MissingRequiredClientCapabilityError{Capability: "elicitation"})
	})
	const want = `{"jsonrpc":"2.0","id":"a","error":{"code":-32021,` +
		`"message":"This call needs a client with the capability \"elicitation\".","data":{"requiredCapabilities":{"elicitation":{}}}}}`
	for _, f := range []struct {
		name, body string
		headers    []string
		status     int
		want       string
	}{
		{"2026-07-28", modern(`"a"`, "tools/call", `"name":"needy"`), modernHeaders("tools/call", "needy"), 400, want},
		{
			"2026-07-28 once a stream has begun",
			strings.Replace(modern(`"a"`, "tools/call", `"name":"needy"`), `"_meta":{`, `"_meta":{"progressToken":1,`, 1),
			modernHeaders("tools/call", "needy"), 200, "data: " + want + "\n",
		},
		{"2025-11-25, which has no such code", `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"needy"}}`, nil, 200, "-32603"},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := serve(t, streamable.Config{}, newMemory(), newFullServer(t, needy)).do(t, request(t, f.body, f.headers...))
				if got.StatusCode != f.status || !strings.Contains(got.body, f.want) {
					t.Errorf("got %d %s, want %d %s", got.StatusCode, got.body, f.status, f.want)
				}
			})
		})
	}
}

func TestProgressArrivesWhileTheCallRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{}, h.tool())
		resp, err := s.Do(request(t, callTool(1, "hold", `{}`)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		stream := bufio.NewReader(resp.Body)
		if got := readEvent(t, stream); !strings.Contains(got, "notifications/progress") {
			t.Errorf("got %s", got)
		}
		close(h.release)
		if got := readEvent(t, stream); !strings.Contains(got, "released") {
			t.Errorf("got %s", got)
		}
	})
}
