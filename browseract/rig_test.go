package browseract_test

import (
	"context"
	"flag"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// rig is a simulated account and a client of it.
type rig struct {
	account *simulator.Account
	network *simulator.Server
	client  *browseract.Client
}

func newRig(t *testing.T, opts ...simulator.Option) *rig {
	t.Helper()
	account := simulator.New(opts...)
	network := account.Start()
	t.Cleanup(network.Close)
	return &rig{account, network, newClient(t, network.Transport)}
}

// onRig runs a test on simulated time.
func onRig(t *testing.T, test func(t *testing.T, r *rig), opts ...simulator.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, newRig(t, opts...))
		time.Sleep(time.Minute) // polls that have begun outlive their waits by some seconds
	})
}

// sent returns the requests to an endpoint; "" means all.
func (r *rig) sent(endpoint string) []simulator.Request {
	var sent []simulator.Request
	for _, req := range r.account.Requests() {
		if endpoint == "" || req.Endpoint == endpoint {
			sent = append(sent, req)
		}
	}
	return sent
}

// polls returns the polls of single tasks.
func (r *rig) polls() []simulator.Request {
	polls := append(r.sent("get-task-status"), r.sent("get-task")...)
	slices.SortFunc(polls, func(a, b simulator.Request) int { return a.Time.Compare(b.Time) })
	return polls
}

// run starts a workflow of the account by its name.
func (r *rig) run(t *testing.T, workflow string, inputs ...browseract.Input) string {
	t.Helper()
	started, err := r.client.RunWorkflow(t.Context(), browseract.WorkflowRun{
		WorkflowID: r.account.Workflow(workflow).ID,
		Inputs:     inputs,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(started.TaskID)
}

// task reads a task of a workflow after it has run for a while.
func (r *rig) task(t *testing.T, workflow string, age time.Duration, inputs ...browseract.Input) browseract.Task {
	t.Helper()
	id := r.run(t, workflow, inputs...)
	time.Sleep(age)
	task, err := r.client.Task(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func operator(context.Context) string { return simulator.Key }

func newClient(t *testing.T, transport http.RoundTripper, opts ...browseract.Option) *browseract.Client {
	t.Helper()
	opts = append([]browseract.Option{browseract.WithBaseURL("http://127.0.0.1:1"), browseract.WithTransport(transport)}, opts...)
	c, err := browseract.New(operator, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering returns a client of a server that sends the same to every request.
func answering(t *testing.T, status int, body string, header ...string) *browseract.Client {
	t.Helper()
	return newClient(t, roundTripper(func(r *http.Request) (*http.Response, error) {
		return response(r, status, body, header...), nil
	}))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// response is an answer with headers given as name, value pairs.
func response(r *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: nopCloser{strings.NewReader(body)}, ContentLength: int64(len(body)), Request: r}
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

// serve serves any handler in memory until the test ends.
func serve(t *testing.T, h http.HandlerFunc) *http.Transport {
	t.Helper()
	l := pipes{make(chan net.Conn), make(chan struct{})}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }() // ends with the Close below
	transport := &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 32}
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
		<-ended
	})
	return transport
}

type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipes) Close() error   { close(l.closed); return nil }
func (l pipes) Addr() net.Addr { return &net.TCPAddr{} }

// answeringWorkflows answers any workflow and counts the requests by key and id.
func answeringWorkflows(asked map[string]int) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		id := r.URL.Query().Get("workflow_id")
		asked[id]++
		return response(r, http.StatusOK, `{"id":"`+id+`"}`), nil
	}
}

var update = flag.Bool("update", false, "write the golden file")

// golden compares text with the package's golden file, or writes it.
func golden(t *testing.T, got string) {
	t.Helper()
	const name = "testdata/messages.golden"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("messages changed; if that is right, run go test ./browseract/... -update\n%s", diff)
	}
}
