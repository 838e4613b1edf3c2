package streamable_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// mcp-go lets a client cancel another's call by a guessed id.
func TestClientCannotCancelAnothersCall(t *testing.T) {
	t.Parallel()
	const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`
	for _, era := range []struct {
		name, call string
		headers    []string
	}{
		{"2025-11-25", callHold, nil},
		{"2026-07-28", modern(7, "tools/call", `"name":"hold"`), modernHeaders("tools/call", "hold")},
	} {
		t.Run(era.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHold()
				s := start(t, streamable.Config{}, h.tool())
				call := s.pending(t, request(t, era.call, era.headers...))
				<-h.entered

				headers := append(slices.Clone(era.headers), "Mcp-Method", "notifications/cancelled", "Mcp-Name", "", "Mcp-Session-Id", "guess")
				if got := s.do(t, request(t, cancel, headers...)); got.StatusCode != http.StatusAccepted || got.body != "" {
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
func TestProgressStaysWithItsCall(t *testing.T) {
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

func TestSessionIDsAreNeitherGivenNorBelievedNorShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{}, tool("session", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText(mcpserver.ClientSessionFromContext(ctx).SessionID() + " " + req.Header.Get("Mcp-Session-Id")), nil
		}))
		seen := make(map[string]bool)
		for range 3 {
			call := request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"session"}}`, "Mcp-Session-Id", "chosen")
			got := s.do(t, call)
			if got.StatusCode != http.StatusOK || strings.Contains(got.body, "chosen") || seen[got.body] {
				t.Errorf("got %d %s, want an id that is new", got.StatusCode, got.body)
			}
			seen[got.body] = true
		}
		if got := s.do(t, request(t, initialize)); got.Header.Get("Mcp-Session-Id") != "" {
			t.Errorf("initialize: got session %q", got.Header.Get("Mcp-Session-Id"))
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
