package streamable_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
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

func TestStopWaitsForOwnedWorkAndItsReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		paid := make(chan struct{})
		cfg := streamable.Config{Owned: func(ctx context.Context) {
			select {
			case <-paid:
			case <-ctx.Done():
			}
		}}
		s := start(t, cfg, h.tool())
		call := s.pending(t, request(t, callHold))
		<-h.entered
		time.AfterFunc(5*time.Second, func() { close(paid); close(h.release) })

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
		s := start(t, streamable.Config{Owned: func(ctx context.Context) { <-ctx.Done() }})
		synctest.Wait()
		if took := s.stopped(t); took < 15*time.Second || took > time.Minute {
			t.Errorf("the stop took %v, want the bound on owned work", took)
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
		if got := readEvent(t, stream); !strings.Contains(got, "tools/list_changed") {
			t.Fatalf("got %s", got)
		}
		ended := make(chan error, 1)
		go func() { _, err := io.Copy(io.Discard, stream); ended <- err }()

		if took := s.stopped(t); took > 500*time.Millisecond {
			t.Errorf("the stop took %v", took)
		}
		if err := <-ended; err != nil {
			t.Errorf("the stream ended with %v", err)
		}
	})
}

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

func TestSlowLorisIsCutOff(t *testing.T) {
	t.Parallel()
	const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for _, f := range []struct {
		name, prefix string
		every, most  time.Duration
	}{
		{"in the request line", "PO", time.Second, 15 * time.Second},
		{"in the headers", head + "X-", time.Second, 15 * time.Second},
		{"in the body", head + "Content-Length: 1000\r\n\r\n{", time.Second, 35 * time.Second},
		{"between requests", head + "Content-Length: 2\r\n\r\n{}", 3 * time.Minute, 4 * time.Minute},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if took := closedAfter(t, start(t, streamable.Config{}), f.prefix, f.every); took > f.most {
					t.Errorf("cut off after %v, want %v at most", took, f.most)
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

func TestPanicIsLoggedAndNotSent(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		cfg := streamable.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		s := start(t, cfg, tool("panic", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			panic("app-secret")
		}))
		got := s.do(t, request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"panic"}}`))
		if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "goroutine") || strings.Contains(got.body, "secret") {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
		if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
			t.Errorf("the next call: got %d", got.StatusCode)
		}
	})
	if got := log.String(); !strings.Contains(got, "goroutine") || strings.Contains(got, "secret") {
		t.Errorf("got log %s, want a stack and no value", got)
	}
}

func TestPanicAfterAnAnswerBeganBreaksTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{}, tool("panic", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			_ = progress(ctx, req, 0)
			panic("late")
		}))
		resp, err := s.Do(request(t, callTool(1, "panic", `{}`)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("got a whole answer: %s", body)
		}
	})
}

func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		cfg := streamable.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
		s := start(t, cfg)
		r := request(t, callEcho, "Authorization", "Bearer secret", "X-Forwarded-For", "203.0.113.9")
		r.URL.RawQuery = "key=secret"
		s.do(t, r)
		r = request(t, callEcho, "Authorization", "secret")
		r.URL.Path = "/mcp/secret"
		s.do(t, r)
		s.do(t, request(t, callEcho, "Authorization", "Basic secret"))
	})
	got := log.String()
	if strings.Contains(got, "secret") || strings.Contains(got, "203.0.113.9") {
		t.Errorf("got %s", got)
	}
	for _, want := range []string{"method=POST path=/mcp status=200", "status=404", "status=401", "remote=127.0.0.1:50000"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, s *site) answer {
		r := request(t, "", "Host", "10.0.0.7:8080") // a prober addresses the pod
		r.Method, r.URL.Path = http.MethodGet, "/readyz"
		return s.do(t, r)
	}
	for _, f := range []struct {
		name  string
		ready func(context.Context) error
		want  int
	}{
		{"ready", func(context.Context) error { return nil }, 200},
		{"not ready", func(context.Context) error { return errors.New("secret reason") }, 503},
		{"hanging", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := get(t, start(t, streamable.Config{Ready: f.ready}))
				if got.StatusCode != f.want || strings.Contains(got.body, "secret") {
					t.Errorf("got %d %s, want %d", got.StatusCode, got.body, f.want)
				}
			})
		})
	}
}

func TestServeRefusesWhatCheckListenRefuses(t *testing.T) {
	t.Parallel()
	network := beyondLoopback()
	err := streamable.Serve(t.Context(), network, http.NotFoundHandler(), streamable.Config{})
	if err == nil || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("got %v", err)
	}
	if _, err := network.dial(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial: got %v, want a closed listener", err)
	}
}

func TestServeReportsABadCertificate(t *testing.T) {
	t.Parallel()
	cfg := streamable.Config{CertFile: "none.pem", KeyFile: "none.pem"}
	if err := streamable.Serve(t.Context(), newMemory(), http.NotFoundHandler(), cfg); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestCheckListen(t *testing.T) {
	t.Parallel()
	tls := streamable.Config{CertFile: "cert.pem", KeyFile: "key.pem"}
	proxy := streamable.Config{BehindTLSProxy: true}
	for _, f := range []struct {
		addr    string
		cfg     streamable.Config
		refused string // a part of the error, "" if allowed
	}{
		{"127.0.0.1:8080", streamable.Config{}, ""},
		{"[::1]:0", streamable.Config{}, ""},
		{"localhost:8080", streamable.Config{}, ""},
		{":8080", streamable.Config{}, "127.0.0.1"},
		{"0.0.0.0:8080", streamable.Config{}, "proxy"},
		{"[::]:8080", streamable.Config{}, "certificate"},
		{"192.168.1.5:8080", streamable.Config{}, "unencrypted"},
		{"example.com:443", streamable.Config{}, "unencrypted"},
		{"0.0.0.0:443", tls, ""},
		{":8080", proxy, ""},
		{"127.0.0.1:8080", streamable.Config{CertFile: "cert.pem"}, "both"},
		{"127.0.0.1:8080", streamable.Config{KeyFile: "key.pem"}, "both"},
		{"8080", streamable.Config{}, "missing port"},
	} {
		err := streamable.CheckListen(f.addr, f.cfg)
		if (err == nil) != (f.refused == "") || (err != nil && !strings.Contains(err.Error(), f.refused)) {
			t.Errorf("%s: got %v, want %q", f.addr, err, f.refused)
		}
	}
}

// A handler that another server runs works without Serve.
func TestHandlerOnItsOwn(t *testing.T) {
	t.Parallel()
	h, err := streamable.NewHandler(newServer(), streamable.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(t, callEcho))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "key=") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
