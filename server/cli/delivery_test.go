package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A deliveryTest is a server with a ledger in a file, over a simulated account.
type deliveryTest struct {
	t       *testing.T
	account *simulator.Account
	ledger  string
	env     environment
	// hold has the API take a stop, say so on taken, and not answer until the server
	// gives its request up.
	hold  atomic.Bool
	taken chan struct{}
}

func newDeliveryTest(t *testing.T) *deliveryTest {
	t.Helper()
	d := &deliveryTest{t: t, account: simulator.New(), ledger: filepath.Join(t.TempDir(), "ledger.db"), taken: make(chan struct{}, 1)}
	d.account.AddWorkflow(simulator.Workflow{Name: "An Hour", Scenario: simulator.Scenario{Running: time.Hour}})
	api := httptest.NewServer(http.HandlerFunc(d.serve))
	t.Cleanup(api.Close)
	d.env = environment{"BROWSERACT_API_KEY": simulator.Key, "BROWSERACT_API_URL": api.URL}
	return d
}

func (d *deliveryTest) serve(w http.ResponseWriter, r *http.Request) {
	if !d.hold.Load() || !strings.Contains(r.URL.Path, "stop-task") {
		d.account.ServeHTTP(w, r)
		return
	}
	d.account.ServeHTTP(httptest.NewRecorder(), r)
	d.taken <- struct{}{}
	<-r.Context().Done()
}

func (d *deliveryTest) toStart() string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_workflow","arguments":{"workflow_id":%q,"wait_seconds":0}}}`, d.account.Workflow("An Hour").ID)
}

func (d *deliveryTest) toStop() string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"stop_task","arguments":{"task_id":%q}}}`, d.taskID())
}

// taskID is the id of the one task of the account.
func (d *deliveryTest) taskID() string {
	d.t.Helper()
	tasks := d.account.Tasks()
	if len(tasks) != 1 {
		d.t.Fatalf("the account has %d tasks, want 1", len(tasks))
	}
	return tasks[0].ID
}

// isReported reports whether the end of the task counts as reported.
func (d *deliveryTest) isReported() bool {
	d.t.Helper()
	l, err := ledger.Open(d.ledger)
	if err != nil {
		d.t.Fatal(err)
	}
	defer l.Close()
	run, found, err := l.Run(context.Background(), ledger.HashCaller(simulator.Key), d.taskID())
	if err != nil || !found {
		d.t.Fatalf("the run is not in the ledger: %v", err)
	}
	return !run.ReportedAt.IsZero()
}

// checkSameTask has the same start asked for by another server on the same ledger.
func (d *deliveryTest) checkSameTask() {
	d.t.Helper()
	again := run(context.Background(), d.env, d.toStart()+"\n", "--ledger="+d.ledger)
	if again.err != nil || !strings.Contains(again.stdout, d.taskID()) {
		d.t.Errorf("got %s (%v), want task %s again", again.stdout, again.err, d.taskID())
	}
}

// A stdout fails from the line on that contains failAt; "" fails never.
type stdout struct {
	lines  io.Writer
	failAt string
	failed bool
}

func (s *stdout) Write(p []byte) (int, error) {
	if s.failed = s.failed || s.failAt != "" && bytes.Contains(p, []byte(s.failAt)); s.failed {
		return 0, errors.New("the pipe is closed")
	}
	return s.lines.Write(p)
}

func TestEndOfARunIsReportedWhenStdoutTookTheReply(t *testing.T) {
	t.Parallel()
	for failAt, want := range map[string]bool{"": true, `"id":2`: false} {
		t.Run("fails at "+failAt, func(t *testing.T) {
			t.Parallel()
			d := newDeliveryTest(t)
			d.overStdio(failAt)
			if got := d.isReported(); got != want {
				t.Errorf("reported: %v, want %v", got, want)
			}
			d.checkSameTask()
		})
	}
}

// overStdio starts a run and stops it, over a stdout that fails at that text.
func (d *deliveryTest) overStdio(failAt string) {
	stdin, in := io.Pipe()
	out, lines := io.Pipe()
	done := make(chan error, 1)
	go func() { // ends with stdin
		err := cli.Run(d.t.Context(), cli.Program{Version: "v1"}, []string{"--ledger=" + d.ledger}, d.env.get, stdin, &stdout{lines: lines, failAt: failAt}, io.Discard)
		_, _ = stdin.Close(), lines.Close()
		done <- err
	}()
	replies := bufio.NewScanner(out)
	_, _ = fmt.Fprintln(in, d.toStart())
	if !replies.Scan() {
		d.t.Fatalf("no reply: %v", replies.Err())
	}
	_, _ = fmt.Fprintln(in, d.toStop())
	replies.Scan() // false if stdout fails
	_ = in.Close()
	if err := <-done; err != nil && failAt == "" {
		d.t.Error(err)
	}
}

func TestEndOfARunIsReportedWhenTheHTTPClientGotTheReply(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]struct {
		send func(d *deliveryTest, url string)
		want bool
	}{
		"read":      {(*deliveryTest).postStop, true},
		"reset":     {(*deliveryTest).resetStop, false},
		"cancelled": {(*deliveryTest).cancelStop, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliveryTest(t)
			url, s := startHTTP(t, d.env, "--ledger="+d.ledger)
			if got := post(t.Context(), new(http.Client), url, simulator.Key, d.toStart()); got.status != http.StatusOK {
				t.Fatalf("got %+v", got)
			}
			stop.send(d, url)
			s.stop()
			if err := <-s.done; err != nil {
				t.Fatal(err)
			}
			s.done <- nil // for the end of the test
			if got := d.isReported(); got != stop.want {
				t.Errorf("reported: %v, want %v", got, stop.want)
			}
			d.checkSameTask()
		})
	}
}

func (d *deliveryTest) postStop(url string) {
	if got := post(d.t.Context(), new(http.Client), url, simulator.Key, d.toStop()); got.status != http.StatusOK {
		d.t.Errorf("got %+v", got)
	}
}

// resetStop resets the connection while the task is being stopped.
func (d *deliveryTest) resetStop(url string) {
	d.hold.Store(true)
	host := strings.TrimPrefix(strings.SplitAfter(url, "/mcp")[0], "http://")
	host, path, _ := strings.Cut(host, "/")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		d.t.Fatal(err)
	}
	body := d.toStop()
	_, _ = fmt.Fprintf(conn, "POST /%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n%s",
		path, host, simulator.Key, len(body), body)
	<-d.taken
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// cancelStop cancels the request while the task is being stopped.
func (d *deliveryTest) cancelStop(url string) {
	d.hold.Store(true)
	ctx, cancel := context.WithCancel(d.t.Context())
	go func() { // ends when the stop was taken
		<-d.taken
		cancel()
	}()
	_ = post(ctx, new(http.Client), url, simulator.Key, d.toStop())
}
