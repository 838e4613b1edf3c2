package streamable_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// startChanging serves echo, in a list that can change.
func startChanging(t *testing.T, cfg streamable.Config) (*site, *mcpserver.MCPServer) {
	t.Helper()
	s := mcpserver.NewMCPServer("test", "1", mcpserver.WithToolCapabilities(true))
	s.AddTools(echo)
	return serve(t, cfg, newMemory(), s), s
}

// subscribe returns the stream of a subscription that is acknowledged.
func (s *site) subscribe(t *testing.T, ctx context.Context, id string) *bufio.Reader {
	t.Helper()
	r := request(t, modern(id, "subscriptions/listen", `"notifications":`+toolsChange), modernHeaders("subscriptions/listen", "")...)
	resp, err := s.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	stream := bufio.NewReader(resp.Body)
	if got := readEvent(t, stream); !strings.Contains(got, "acknowledged") || !strings.Contains(got, subscriptionID(id)) {
		t.Fatalf("got %s, want the acknowledgement first", got)
	}
	return stream
}

func subscriptionID(id string) string { return `"io.modelcontextprotocol/subscriptionId":` + id }

const toolsChange = `{"toolsListChanged":true}`

func TestEachSubscriberHearsUnderItsOwnID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, mcpServer := startChanging(t, streamable.Config{})
		ids := []string{"1", `"1"`, "9007199254740993"} // the last is beyond what a float64 holds
		var streams []*bufio.Reader
		for _, id := range ids {
			streams = append(streams, s.subscribe(t, t.Context(), id))
		}
		mcpServer.AddTools(chatter)
		s.stop()
		for i, id := range ids {
			if got := readEvent(t, streams[i]); !strings.Contains(got, "list_changed") || !strings.Contains(got, subscriptionID(id)) {
				t.Errorf("%s: got %s", id, got)
			}
			if got := readEvent(t, streams[i]); !strings.Contains(got, `"id":`+id+`,"result":`) || !strings.Contains(got, subscriptionID(id)) {
				t.Errorf("%s: got %s, want the reply last", id, got)
			}
		}
	})
}

// They need no key and have no end.
func TestSubscribersLeaveTheCallsTheirSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := startChanging(t, streamable.Config{MaxConcurrent: 2})
		first, leave := context.WithCancel(t.Context())
		s.subscribe(t, first, "1")
		s.subscribe(t, t.Context(), "2")
		if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
			t.Errorf("a call: got %d %s", got.StatusCode, got.body)
		}
		third := modern(3, "subscriptions/listen", `"notifications":`+toolsChange)
		if got := s.do(t, request(t, third, modernHeaders("subscriptions/listen", "")...)); got.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("a third subscriber: got %d %s, want 503", got.StatusCode, got.body)
		}
		leave()
		synctest.Wait()
		s.subscribe(t, t.Context(), "4")
	})
}
