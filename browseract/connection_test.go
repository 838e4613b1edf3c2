package browseract_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestTheBaseURLIsChecked(t *testing.T) {
	t.Parallel()
	good := []string{
		"https://api.browseract.com",
		"https://gateway.example/base/",
		"https://192.0.2.1:8443",
		"http://localhost:8080",
		"http://LOCALHOST",
		"http://127.0.0.1:1/base",
		"http://127.1.2.3",
		"http://[::1]:8080",
	}
	bad := []string{
		"http://api.browseract.com",
		"http://192.168.0.1",
		"http://0.0.0.0",
		"http://localhost.evil.example",
		"http://127.0.0.1.evil.example",
		"",
		"api.browseract.com",
		"ftp://api.browseract.com",
		"https:///v2",
		"https://:443",
		"https:api.browseract.com",
		"https://user:pass@api.browseract",
		"https://api.browseract.com?a=b",
		"https://api.browseract.com#a",
		"https://api.browse ract.com",
		"https://a:pass%zz@b",
	}
	for _, address := range good {
		if _, err := browseract.New(operator, browseract.WithBaseURL(address)); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	var messages strings.Builder
	for _, address := range bad {
		_, err := browseract.New(operator, browseract.WithBaseURL(address))
		fmt.Fprintf(&messages, "%s: %v\n", address, err)
		if err == nil || strings.Contains(err.Error(), "pass") {
			t.Errorf("%s: %v, want an error without the password", address, err)
		}
	}
	golden(t, messages.String())
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]browseract.Option{
		"zero":         browseract.WithPollRate(0),
		"negative":     browseract.WithPollRate(-1),
		"not a number": browseract.WithPollRate(math.NaN()),
		"infinite":     browseract.WithPollRate(math.Inf(1)),
		"two headers":  browseract.WithUserAgent("probe\r\nX: y"),
	} {
		if _, err := browseract.New(operator, option); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestEndpointsAreBelowTheAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://gateway.example":      "https://gateway.example/v2/workflow/get-region-list",
		"https://gateway.example/":     "https://gateway.example/v2/workflow/get-region-list",
		"https://gateway.example/a/b/": "https://gateway.example/a/b/v2/workflow/get-region-list",
	} {
		got := ""
		c := newClient(t, roundTripper(func(r *http.Request) (*http.Response, error) {
			got = r.URL.String()
			return response(r, 200, "[]"), nil
		}), browseract.WithBaseURL(address))
		if _, err := c.Regions(t.Context()); err != nil || got != want {
			t.Errorf("%s: asked %s, %v", address, got, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"/v2/workflow/get-region-list", "http://elsewhere.example/v2/workflow/get-region-list", "https://127.0.0.1:1/"} {
			r := newRig(t)
			r.account.Inject(simulator.Fault{Status: status, Header: http.Header{"Location": {to}}})
			_, read := r.client.Regions(t.Context())
			_, stop := r.client.StopTask(t.Context(), "1")
			for _, err := range []error{read, stop} {
				var refusal *browseract.Error
				if !errors.As(err, &refusal) || refusal.StatusCode != status {
					t.Errorf("%d to %s: %v", status, to, err)
				}
			}
			if n, dials := len(r.sent("")), r.network.Dials(); n != 2 || dials != 1 {
				t.Errorf("%d to %s: %d requests over %d connections, want 2 over 1", status, to, n, dials)
			}
		}
	}
}

// Over HTTP/2 net/http repeats requests after resets that prove nothing.
func TestTheDefaultTransportSpeaksHTTP1(t *testing.T) {
	t.Parallel()
	proto := ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto = r.Proto
		fmt.Fprint(w, "[]")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport := browseract.NewTransport()
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	defer transport.CloseIdleConnections()
	c := newClient(t, transport, browseract.WithBaseURL(server.URL))
	if _, err := c.Regions(t.Context()); err != nil || proto != "HTTP/1.1" {
		t.Errorf("%s, %v", proto, err)
	}
	if transport.Proxy == nil || transport.TLSHandshakeTimeout == 0 || transport.IdleConnTimeout == 0 {
		t.Error("the default transport lost what http.DefaultTransport has")
	}
}

// A server without TLS receives no byte of a start.
func TestNoStartWithoutTLS(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request got through") })
		c := newClient(t, transport, browseract.WithBaseURL("https://api.example"))
		s, err := c.RunWorkflow(t.Context(), browseract.WorkflowRun{WorkflowID: "1"})
		if outcomeOf(s, err) != unsent || !browseract.IsTransport(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRepliesAreReadUpToALimit(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	fitting := `[{"name":"` + strings.Repeat("x", limit-len(`[{"name":""}]`)) + `"}]`
	for _, tt := range []struct {
		name string
		send http.HandlerFunc
		want error
	}{
		{"at the limit", sending(200, fitting), nil},
		{"at the limit, gzip", zipped(strings.NewReader(fitting)), nil},
		{"a byte above", sending(200, fitting+" "), browseract.ErrReplyTooLarge},
		{"a byte above, announced", sending(200, fitting+" ", "Content-Length", fmt.Sprint(limit+1)), browseract.ErrReplyTooLarge},
		{"much, announced and not sent", sending(200, fitting+" ", "Content-Length", fmt.Sprint(1<<40)), browseract.ErrReplyTooLarge},
		{"a byte above, gzip", zipped(strings.NewReader(fitting + " ")), browseract.ErrReplyTooLarge},
		{"a bomb", zipped(io.LimitReader(zeros{}, 8<<20)), browseract.ErrReplyTooLarge},
		{"an error", sending(400, fitting+" "), browseract.ErrReplyTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var requests atomic.Int32
			c := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1); tt.send(w, r) }), browseract.WithMaxReply(limit))
			if _, err := c.Regions(t.Context()); !errors.Is(err, tt.want) || requests.Load() != 1 {
				t.Errorf("got %v after %d requests, want %v", err, requests.Load(), tt.want)
			}
		})
	}
}

// sending answers with headers given as pairs of name and value.
func sending(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func zipped(body io.Reader) http.HandlerFunc {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, _ = io.Copy(z, body)
	_ = z.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(buf.Bytes())
	}
}

func TestAZippedReplyThatIsCutOffIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var whole bytes.Buffer
		z := gzip.NewWriter(&whole)
		_, _ = io.WriteString(z, "[]")
		_ = z.Close()
		tries := 0
		c := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
			tries++
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(whole.Bytes()[:whole.Len()-3+tries])
		}))
		if _, err := c.Regions(t.Context()); err != nil || tries != 3 {
			t.Errorf("%v after %d tries", err, tries)
		}
	})
}

// wire is a connection whose writes fail from the nth request on.
type wire struct {
	net.Conn
	fault func(c net.Conn, p []byte) (int, error)
	armed *atomic.Bool
}

func (w *wire) Write(p []byte) (int, error) {
	if w.armed.CompareAndSwap(true, false) {
		return w.fault(w.Conn, p)
	}
	return w.Conn.Write(p)
}

// A kept-alive connection breaks while a start is written to it. A start is sent over
// another one only if it was certainly not written.
func TestAKeptConnectionThatDiesUnderAStart(t *testing.T) {
	t.Parallel()
	gone := errors.New("connection reset by peer")
	for _, tt := range []struct {
		name  string
		fault func(c net.Conn, p []byte) (int, error)
		want  outcome
		tasks int
	}{
		{"before a byte is written", func(net.Conn, []byte) (int, error) { return 0, gone }, started, 1},
		{"after a byte is written", func(c net.Conn, p []byte) (int, error) {
			n, _ := c.Write(p[:1])
			c.Close()
			return n, gone
		}, unknown, 0},
		{"after half is written", func(c net.Conn, p []byte) (int, error) {
			n, _ := c.Write(p[:len(p)/2])
			c.Close()
			return n, gone
		}, unknown, 0},
		{"after all is written", func(c net.Conn, p []byte) (int, error) {
			n, err := c.Write(p)
			synctest.Wait()
			c.Close()
			return n, err
		}, unknown, 1},
		{"while it seems to be written", func(c net.Conn, p []byte) (int, error) {
			c.Close()
			return len(p), nil
		}, unknown, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				var armed atomic.Bool
				dial := r.network.Transport.DialContext
				r.network.Transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := dial(ctx, network, addr)
					return &wire{conn, tt.fault, &armed}, err
				}
				if _, err := r.client.Regions(t.Context()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				r.account.Inject(simulator.Fault{After: true, Delay: time.Second})
				armed.Store(true)
				input := browseract.Input{Name: "keywords", Value: strings.Repeat("whole ", 100)}
				s, err := r.client.RunTemplate(t.Context(), browseract.TemplateRun{TemplateID: "77577579210625331", Inputs: []browseract.Input{input}})
				tasks := r.account.Tasks()
				if got := outcomeOf(s, err); got != tt.want || len(tasks) != tt.tasks || len(r.sent("run-task-by-template")) > 1 {
					t.Fatalf("%s (%v) with %d tasks, want %s with %d", got, err, len(tasks), tt.want, tt.tasks)
				}
				if tt.want == started && tasks[0].Inputs.Get("keywords", "")+" " != input.Value {
					t.Errorf("the body that was sent again is %v", tasks[0].Inputs)
				}
			})
		})
	}
}

// After a machine has slept all kept-alive connections may be dead. After silence on
// one of them the next try uses a new one.
func TestSilenceDropsConnectionsThatAreKeptAlive(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		var asleep atomic.Bool
		dial := r.network.Transport.DialContext
		r.network.Transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			return sleeper{conn, !asleep.Load(), &asleep}, err
		}
		remove := r.account.Inject(simulator.Fault{Delay: time.Second}) // so that each needs a connection
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() { _, _ = r.client.Regions(t.Context()) })
		}
		group.Wait()
		remove()
		asleep.Store(true)
		began := time.Now()
		if _, err := r.client.Regions(t.Context()); err != nil || time.Since(began) > 9*time.Second {
			t.Errorf("%v after %v, want an answer after one silence", err, time.Since(began))
		}
	})
}

// sleeper is a connection that loses what is written to it after the sleep.
type sleeper struct {
	net.Conn
	old    bool
	asleep *atomic.Bool
}

func (s sleeper) Write(p []byte) (int, error) {
	if s.old && s.asleep.Load() {
		return len(p), nil
	}
	return s.Conn.Write(p)
}
