package streamable_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// closedAfter sends bytes one by one, every so often, and returns how long the
// server put up with it.
func closedAfter(t *testing.T, s *site, prefix string, every time.Duration) time.Duration {
	t.Helper()
	conn, err := s.net.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	_, err = conn.Write([]byte(prefix))
	for err == nil {
		time.Sleep(every)
		_, err = conn.Write([]byte("x"))
	}
	return time.Since(began)
}

// mcp-go's own http.Server has no time limits.
func TestSlowLorisIsCutOff(t *testing.T) {
	t.Parallel()
	const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for _, f := range []struct {
		name, prefix            string
		every, minimum, maximum time.Duration
	}{
		{"in the request line", "PO", time.Second, 5 * time.Second, 15 * time.Second},
		{"in the headers", head + "X-", time.Second, 5 * time.Second, 15 * time.Second},
		{"in the body", head + "Content-Length: 1000\r\n\r\n{", time.Second, 25 * time.Second, 35 * time.Second},
		{"before the next request", head + "Content-Length: 2\r\n\r\n{}", 100 * time.Second, 200 * time.Second, 200 * time.Second},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if took := closedAfter(t, start(t, streamable.Config{}), f.prefix, f.every); took < f.minimum || took > f.maximum {
					t.Errorf("cut off after %v, want %v to %v", took, f.minimum, f.maximum)
				}
			})
		})
	}
}

func TestSlowLorisHoldsNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{MaxConcurrent: 1})
		conn, err := s.net.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n", callEcho[:50])
		synctest.Wait()
		if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
	})
}

// A client that never reads its answer would hold its slot for ever.
func TestClientThatDoesNotReadLosesItsSlot(t *testing.T) {
	t.Parallel()
	large := tool("large", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(strings.Repeat("x", 100_000)), nil
	})
	for name, body := range map[string]string{"a large reply": callTool(7, "large", `{}`), "progress": callTool(7, "chatter", `{"n":90}`)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := start(t, streamable.Config{MaxConcurrent: 1}, chatter, large)
				conn := sendRaw(t, s, body)
				defer conn.Close()
				if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusServiceUnavailable {
					t.Fatalf("got %d, want the slot to be taken", got.StatusCode)
				}
				time.Sleep(40 * time.Second)
				if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
					t.Errorf("got %d %s, want the slot back", got.StatusCode, got.body)
				}
			})
		})
	}
}

func TestClientOnASlowLineGetsAllOfALargeReply(t *testing.T) {
	t.Parallel()
	large := tool("large", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(strings.Repeat("x", 1_000_000)), nil
	})
	synctest.Test(t, func(t *testing.T) {
		conn := sendRaw(t, start(t, streamable.Config{}, large), callTool(7, "large", `{}`))
		defer conn.Close()
		got := 0
		for buf := make([]byte, 5_000); got < 1_000_000; time.Sleep(time.Second) {
			n, err := conn.Read(buf)
			got += n
			if err != nil {
				t.Fatalf("after %d bytes: %v", got, err)
			}
		}
	})
}

// A short reply leaves its slot at once, and waits in net/http's buffer.
func TestClientThatDoesNotReadLosesItsConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{})
		conn := sendRaw(t, s, callEcho)
		defer conn.Close()
		time.Sleep(40 * time.Second)
		if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
			t.Errorf("got %q, %v, want a closed connection", got, err)
		}
	})
}

// sendRaw sends a call and does not read its answer.
func sendRaw(t *testing.T, s *site, body string) net.Conn {
	t.Helper()
	conn, err := s.net.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	synctest.Wait()
	return conn
}

// The bubble fails if a goroutine is left when the test returns.
func TestThousandClientsLeaveNoGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{}, h.tool())
		ctx, disconnect := context.WithCancel(t.Context())
		for id := range 1000 {
			if id%2 == 0 {
				conn, err := s.net.dial(ctx)
				if err != nil {
					t.Fatal(err)
				}
				conn.Close()
				continue
			}
			go func() { _, _ = s.Do(request(t, callTool(id, "hold", `{}`)).WithContext(ctx)) }()
			<-h.entered
		}
		disconnect()
		for range 500 {
			if err := <-h.ended; err == nil {
				t.Fatal("a call was not cancelled")
			}
		}
	})
}

// Every time limit is for the client's sending and reading, not for the call.
func TestCallOutlastsEveryTimeLimit(t *testing.T) {
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
