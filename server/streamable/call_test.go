package streamable_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
func callTool(id int, name string, arguments string) string {
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

// mcp-go lets anybody cancel anybody's call by a guessed id.
func TestNobodyCancelsAnothersCall(t *testing.T) {
	t.Parallel()
	const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7%s}}`
	for _, era := range []struct {
		name, call, cancel string
		headers            []string
	}{
		{"2025-11-25", callHold, fmt.Sprintf(cancel, ""), nil},
		{"2026-07-28", modern(7, "tools/call", `"name":"hold"`), fmt.Sprintf(cancel, `,"_meta":`+modernMeta), modernHeaders("tools/call", "hold")},
	} {
		t.Run(era.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHold()
				s := start(t, streamable.Config{}, h.tool())
				call := s.pending(t, request(t, era.call, era.headers...))
				<-h.entered

				headers := append(era.headers, "Mcp-Method", "notifications/cancelled", "Mcp-Name", "", "Mcp-Session-Id", "guess")
				if got := s.do(t, request(t, era.cancel, headers...)); got.StatusCode != http.StatusAccepted || got.body != "" {
					t.Errorf("cancelled: got %d %s, want 202", got.StatusCode, got.body)
				}
				synctest.Wait()
				close(h.release)
				if got := <-call; !strings.Contains(got.body, "released") {
					t.Errorf("got %s, want the call to go on", got.body)
				}
			})
		})
	}
}

// mcp-go with sessions writes one call's progress to another's stream.
func TestNobodySeesAnothersProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{}, h.tool())
		var calls []<-chan answer
		for id := range 50 {
			calls = append(calls, s.pending(t, request(t, callTool(id, "hold", `{}`), "Mcp-Session-Id", "same")))
		}
		synctest.Wait()
		close(h.release)
		for id, call := range calls {
			got := events(t, <-call)
			if len(got) != 2 || got[1]["id"] != float64(id) {
				t.Fatalf("call %d: got %v", id, got)
			}
			if params, _ := got[0]["params"].(map[string]any); params["progressToken"] != float64(id) {
				t.Errorf("call %d: got the progress of another: %v", id, params)
			}
		}
	})
}

func TestSessionIDsAreNeitherGivenNorBelieved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{}, tool("session", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText(mcpserver.ClientSessionFromContext(ctx).SessionID() + " " + req.Header.Get("Mcp-Session-Id")), nil
		}))
		call := request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"session"}}`, "Mcp-Session-Id", "chosen")
		if got := s.do(t, call); got.StatusCode != http.StatusOK || strings.Contains(got.body, "chosen") {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
		if got := s.do(t, request(t, initialize)); got.Header.Get("Mcp-Session-Id") != "" {
			t.Errorf("initialize: got session %q", got.Header.Get("Mcp-Session-Id"))
		}
	})
}

func TestKeysOfParallelCallsNeverMix(t *testing.T) {
	t.Parallel()
	s := start(t, streamable.Config{})
	var clients sync.WaitGroup
	for _, key := range []string{"app-1", "app-2", ""} {
		clients.Go(func() {
			for range 300 {
				headers := []string{"Authorization", "Bearer " + key}
				if key == "" {
					headers = nil
				}
				if got := s.do(t, request(t, callEcho, headers...)); !strings.Contains(got.body, `"key=`+key+`"`) {
					t.Errorf("key %q: got %s", key, got.body)
					return
				}
			}
		})
	}
	clients.Wait()
}

// A tool gets none of the headers that another server's clients steer it with.
func TestToolsSeeProtocolHeadersOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{}, tool("headers", func(_ context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText(fmt.Sprint(req.Header)), nil
		}))
		got := s.do(t, request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"headers"}}`,
			"Authorization", "Bearer secret", "Cookie", "secret", "X-Browseract-Api-Url", "secret", "X-Forwarded-For", "secret", "Traceparent", "trace"))
		if strings.Contains(got.body, "secret") || !strings.Contains(got.body, "trace") {
			t.Errorf("got %s", got.body)
		}
	})
}

func TestDisconnectCancelsItsCallAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{}, h.tool())
		other := s.pending(t, request(t, callHold))
		ctx, disconnect := context.WithCancel(t.Context())
		go func() { _, _ = s.Do(request(t, callHold).WithContext(ctx)) }()
		<-h.entered
		<-h.entered

		disconnect()
		if err := <-h.ended; err == nil {
			t.Error("got a released call, want a cancelled one")
		}
		synctest.Wait()
		close(h.release)
		if got := <-other; !strings.Contains(got.body, "released") {
			t.Errorf("the other call: got %s", got.body)
		}
	})
}

// net/http takes its ReadTimeout for a disconnect while a call runs.
func TestCallOutlastsTheTimeToSendARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{}, h.tool())
		call := s.pending(t, request(t, callTool(1, "hold", `{}`)))
		<-h.entered
		time.Sleep(10 * time.Minute)
		close(h.release)
		if got := <-call; !strings.Contains(got.body, "released") {
			t.Errorf("got %s", got.body)
		}
	})
}

func TestFullServerAnswers503AndStillPings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{MaxConcurrent: 2}, h.tool())
		first, second := s.pending(t, request(t, callHold)), s.pending(t, request(t, callHold))
		<-h.entered
		<-h.entered

		got := s.do(t, request(t, callEcho))
		if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, `"id":7`) {
			t.Errorf("got %d %v %s, want 503", got.StatusCode, got.Header, got.body)
		}
		if got := s.do(t, request(t, pingBody)); got.StatusCode != http.StatusOK {
			t.Errorf("ping: got %d", got.StatusCode)
		}
		close(h.release)
		<-first
		<-second
		if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
			t.Errorf("afterwards: got %d", got.StatusCode)
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
				got := start(t, streamable.Config{}, needy).do(t, request(t, f.body, f.headers...))
				if got.StatusCode != f.status || !strings.Contains(got.body, f.want) {
					t.Errorf("got %d %s, want %d %s", got.StatusCode, got.body, f.status, f.want)
				}
			})
		})
	}
}

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
