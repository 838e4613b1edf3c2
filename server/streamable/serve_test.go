package streamable_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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

// stopped ends the site and returns how long that took.
func (s *site) stopped(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	s.stop()
	if err := <-s.done; err != nil {
		t.Errorf("Serve: got %v, want nil", err)
	}
	s.done <- nil
	return time.Since(began)
}

func TestStopAnswersOpenWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		closings := 0
		s := start(t, streamable.Config{Closing: func() { closings++; close(h.release) }}, h.tool())
		calls := []<-chan answer{s.pending(t, request(t, callHold)), s.pending(t, request(t, callTool(1, "hold", `{}`)))}
		<-h.entered
		<-h.entered

		if took := s.stopped(t); took > 1200*time.Millisecond {
			t.Errorf("the stop took %v", took)
		}
		for _, call := range calls {
			if got := <-call; !strings.Contains(got.body, "released") {
				t.Errorf("got %d %s, want the normal result", got.StatusCode, got.body)
			}
		}
		if closings != 1 {
			t.Errorf("Closing was called %d times", closings)
		}
		if _, err := s.net.dial(t.Context()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("dial: got %v, want a closed listener", err)
		}
	})
}

func TestStopCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{}, h.tool())
		plain, stream := s.pending(t, request(t, callHold)), s.pending(t, request(t, callTool(1, "hold", `{}`)))
		<-h.entered
		<-h.entered

		if took := s.stopped(t); took < 1200*time.Millisecond || took > 1500*time.Millisecond {
			t.Errorf("the stop took %v, want 1.2 to 1.5 s", took)
		}
		if err := <-h.ended; err == nil {
			t.Error("the call was not cancelled")
		}
		if got := <-plain; got.StatusCode != http.StatusServiceUnavailable || errorCode(t, got) != mcp.REQUEST_INTERRUPTED {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
		if got := events(t, <-stream); len(got) != 2 || got[1]["error"] == nil || got[1]["id"] != float64(1) {
			t.Errorf("stream: got %v", got)
		}
	})
}

// The result may name a run that was paid for.
func TestResultOfACallThatWasCutIsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		entered := make(chan struct{})
		s := start(t, streamable.Config{}, tool("late", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			close(entered)
			<-ctx.Done()
			return mcp.NewToolResultText("began run 5"), nil
		}))
		call := s.pending(t, request(t, callTool(7, "late", `{}`)))
		<-entered
		s.stopped(t)
		if got := <-call; got.StatusCode != http.StatusOK || !strings.Contains(got.body, "began run 5") {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
	})
}

func TestStopWaitsForOwnedWorkAndItsReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		paid := make(chan struct{})
		cfg := streamable.Config{Detached: func(ctx context.Context) bool {
			select {
			case <-paid:
			case <-ctx.Done():
			}
			return true
		}}
		s := start(t, cfg, h.tool())
		call := s.pending(t, request(t, callHold))
		<-h.entered
		time.AfterFunc(5*time.Second, func() { close(paid) })
		time.AfterFunc(5100*time.Millisecond, func() { close(h.release) })

		if took := s.stopped(t); took < 5*time.Second || took > 5500*time.Millisecond {
			t.Errorf("the stop took %v, want 5 s and the time to reply", took)
		}
		if got := <-call; !strings.Contains(got.body, "released") {
			t.Errorf("got %s, want the result of the paid start", got.body)
		}
	})
}

func TestOwnedWorkIsWaitedForWithoutACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{Detached: func(ctx context.Context) bool { <-ctx.Done(); return true }})
		synctest.Wait()
		if took := s.stopped(t); took < 15*time.Second || took > time.Minute {
			t.Errorf("the stop took %v, want the bound on owned work", took)
		}
	})
}

func TestStopWaitsForOwnedWorkThatBeganLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var work sync.WaitGroup
		late := func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			time.Sleep(time.Second)
			work.Add(1)
			time.AfterFunc(3*time.Second, work.Done)
			return mcp.NewToolResultText("started"), nil
		}
		s := start(t, streamable.Config{Detached: func(context.Context) bool { work.Wait(); return true }}, tool("late", late))
		call := s.pending(t, request(t, callTool(1, "late", `{}`)))
		synctest.Wait()
		if took := s.stopped(t); took < 4*time.Second {
			t.Errorf("the stop took %v, want 4 s", took)
		}
		<-call
	})
}

func TestStopClosesConnectionsThatDawdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{})
		conn, err := s.net.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		began := time.Now()
		if took := s.stopped(t); took > 1500*time.Millisecond {
			t.Errorf("the stop took %v", took)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil || time.Since(began) > 1500*time.Millisecond {
			t.Errorf("the connection ended after %v with %v", time.Since(began), err)
		}
	})
}

// An open subscription blocks http.Server.Shutdown with mcp-go alone.
func TestSubscriptionDoesNotHoldUpTheStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mcpServer := mcpserver.NewMCPServer("test", "1", mcpserver.WithToolCapabilities(true))
		s := serve(t, streamable.Config{}, newMemory(), mcpServer)
		resp, err := s.Do(request(t, modern(1, "subscriptions/listen", `"notifications":{"toolsListChanged":true}`), modernHeaders("subscriptions/listen", "")...))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		stream := bufio.NewReader(resp.Body)
		if got := readEvent(t, stream); !strings.Contains(got, "acknowledged") {
			t.Fatalf("got %s", got)
		}
		mcpServer.AddTools(echo)
		if got := readEvent(t, stream); !strings.Contains(got, "tools/list_changed") || !strings.Contains(got, `"io.modelcontextprotocol/subscriptionId":1`) {
			t.Fatalf("got %s", got)
		}
		ended := make(chan error, 1)
		var rest strings.Builder
		go func() { _, err := io.Copy(&rest, stream); ended <- err }()

		if took := s.stopped(t); took > 500*time.Millisecond {
			t.Errorf("the stop took %v", took)
		}
		if err := <-ended; err != nil {
			t.Errorf("the stream ended with %v", err)
		}
		if !strings.Contains(rest.String(), `"id":1,"result":`) {
			t.Errorf("the stream ended with %q, want its reply", rest.String())
		}
	})
}
