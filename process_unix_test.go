//go:build unix

// Windows has none of these signals, and a pipe that is closed there ends nothing.

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// processTimeout is what a test gives a process. It is half of what the process would
// wait for its tasks, if it did.
const processTimeout = 25 * time.Second

// A process is the program as a client starts it.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	lines  *bufio.Scanner // of stdout
	stderr *bufio.Scanner
}

func startProcess(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), processTimeout)
	t.Cleanup(cancel)
	p := &process{t: t, cmd: exec.CommandContext(ctx, "browseract-mcp", args...)}
	// And nothing of the test's own environment. Where coverage is counted, the program
	// would else complain on stderr at its end, which some tests do not read.
	p.cmd.Env = append(slices.Clone(env), "HOME="+t.TempDir(), "GOCOVERDIR="+t.TempDir())
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.lines, p.stderr = bufio.NewScanner(p.stdout), bufio.NewScanner(stderr)
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func (p *process) send(id int, method, params string) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.stdin, `{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`+"\n", id, method, params); err != nil {
		p.t.Fatal(err)
	}
}

// await reads until a line has the mark.
func (p *process) await(lines *bufio.Scanner, mark string) {
	p.t.Helper()
	var seen strings.Builder
	for lines.Scan() {
		if strings.Contains(lines.Text(), mark) {
			return
		}
		fmt.Fprintln(&seen, lines.Text())
	}
	p.t.Fatalf("no line with %q, but:\n%s", mark, seen.String())
}

// end waits for the process and returns what it last logged.
func (p *process) end() (log string, state *syscall.WaitStatus) {
	p.t.Helper()
	var rest strings.Builder
	for p.stderr.Scan() {
		fmt.Fprintln(&rest, p.stderr.Text())
	}
	_ = p.cmd.Wait()
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok {
		p.t.Fatal("no wait status")
	}
	return rest.String(), &status
}

func TestSignalEndsTheProgramInOrder(t *testing.T) {
	t.Parallel()
	ends := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}
	if signal.Ignored(syscall.SIGHUP) { // under nohup the program ignores it too
		ends = ends[:2]
	}
	for _, end := range ends {
		t.Run(end.String(), func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, nil, "--simulator")
			p.send(1, "tools/call", `{"name":"run_template","arguments":{"template_id":"77577579210625331","inputs":{"keywords":"tea"},"wait_seconds":50}}`)
			p.await(p.stderr, "run started")
			if err := p.cmd.Process.Signal(end); err != nil {
				t.Fatal(err)
			}
			p.await(p.lines, `"id":1,"result"`)
			if log, state := p.end(); state.ExitStatus() != 0 {
				t.Errorf("exit code %d:\n%s", state.ExitStatus(), log)
			}
		})
	}
}

func TestHangupReadsTheOverlayAgain(t *testing.T) {
	t.Parallel()
	if signal.Ignored(syscall.SIGHUP) { // under nohup the program ignores it too
		return
	}
	overlay := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(overlay, []byte("expose:\n  - {workflow: wf_1, name: mine}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startProcess(t, nil, "--simulator", "--config", overlay)
	p.send(1, "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}`)
	p.await(p.lines, `"listChanged":true`)
	for range 2 {
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.await(p.lines, "notifications/tools/list_changed")
	}
	p.send(2, "tools/list", `{}`)
	p.await(p.lines, `"name":"mine"`)
	_ = p.stdin.Close()
	if log, state := p.end(); state.ExitStatus() != 0 {
		t.Errorf("exit code %d:\n%s", state.ExitStatus(), log)
	}
}

func TestEndOfInputEndsTheProgramInOrder(t *testing.T) {
	t.Parallel()
	p := startProcess(t, nil, "--simulator")
	p.send(1, "tools/call", `{"name":"run_template","arguments":{"template_id":"77577579210625331","inputs":{"keywords":"tea"},"wait_seconds":50}}`)
	p.await(p.stderr, "run started")
	_ = p.stdin.Close()
	p.await(p.lines, `"id":1,"result"`)
	if log, state := p.end(); state.ExitStatus() != 0 {
		t.Errorf("exit code %d:\n%s", state.ExitStatus(), log)
	}
}

// callMuch makes 600 calls, whose lines of a log in JSON are more than a pipe holds, and
// two starts.
func (p *process) callMuch() {
	p.t.Helper()
	for id := range 600 {
		p.send(id, "tools/call", `{"name":"list_regions"}`)
		p.await(p.lines, fmt.Sprintf(`"id":%d,"result"`, id))
	}
	for id := range 2 {
		p.send(id, "tools/call", fmt.Sprintf(`{"name":"run_template","arguments":{"template_id":"77577579210625331","inputs":{"keywords":"%d"},"wait_seconds":0}}`, id))
		p.await(p.lines, `"task_id"`)
	}
}

// endUnread waits for the process, whose log is not read.
func (p *process) endUnread() {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Error(err)
	}
}

func TestStderrThatIsNotReadHoldsUpNoCallAndNoEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(p *process) error{
		"end of input": func(p *process) error { return p.stdin.Close() },
		"SIGTERM":      func(p *process) error { return p.cmd.Process.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, nil, "--simulator", "--log-format=json")
			p.callMuch()
			if err := end(p); err != nil {
				t.Fatal(err)
			}
			p.endUnread()
		})
	}
}

func TestStderrThatIsNotReadHoldsUpNoCallNoCheckAndNoEndOverHTTP(t *testing.T) {
	t.Parallel()
	p := startProcess(t, nil, "http", "--listen=127.0.0.1:0", "--simulator", "--log-level=debug", "--log-format=json")
	p.stderr.Scan()
	_, address, _ := strings.Cut(p.stderr.Text(), `"url":"`)
	address = strings.TrimSuffix(address, `"}`)
	client := &http.Client{Timeout: processTimeout}
	for range 500 {
		answer, err := client.Post(address, "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_regions"}}`))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		if _ = answer.Body.Close(); !strings.Contains(string(body), `"result"`) {
			t.Fatalf("got %s: %s", answer.Status, body)
		}
	}
	for _, check := range []string{"/healthz", "/readyz"} {
		answer, err := client.Get(strings.TrimSuffix(address, "/mcp") + check)
		if err != nil {
			t.Fatal(err)
		}
		if _ = answer.Body.Close(); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: got %s", check, answer.Status)
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.endUnread()
}

// A counter is where starts wait until they are let go.
type counter struct {
	account *simulator.Account
	arrived chan struct{} // gets one for each start
	wait    chan struct{}
	letGo   func() // closes wait
}

func newCounter() *counter {
	wait := make(chan struct{})
	return &counter{
		account: simulator.New(),
		arrived: make(chan struct{}, 10),
		wait:    wait,
		letGo:   sync.OnceFunc(func() { close(wait) }),
	}
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		c.arrived <- struct{}{}
		<-c.wait
	}
	c.account.ServeHTTP(w, r)
}

// startInFlight returns a process whose call has a start under way.
func startInFlight(t *testing.T) (*process, *counter) {
	t.Helper()
	c := newCounter()
	api := httptest.NewServer(c)
	t.Cleanup(func() { c.letGo(); api.Close() })
	p := startProcess(t, []string{"BROWSERACT_API_KEY=" + simulator.Key, "BROWSERACT_API_URL=" + api.URL})
	p.send(1, "tools/call", `{"name":"run_template","arguments":{"template_id":"77577579210625331","inputs":{"keywords":"tea"}}}`)
	<-c.arrived
	return p, c
}

func TestStartInFlightIsFinishedAndLoggedThoughTheClientHasGone(t *testing.T) {
	t.Parallel()
	p, c := startInFlight(t)
	_ = p.stdout.Close()
	p.send(2, "ping", "{}") // has nowhere to go
	c.letGo()
	log, state := p.end()
	tasks := c.account.Tasks()
	if len(tasks) != 1 {
		t.Fatalf("%d tasks, want one", len(tasks))
	}
	if !strings.Contains(log, "run started task_id="+tasks[0].ID) {
		t.Errorf("the log lacks task %s:\n%s", tasks[0].ID, log)
	}
	if !state.Exited() {
		t.Errorf("ended by signal %s", state.Signal())
	}
}

func TestStartInFlightIsAnsweredAndLoggedThoughTheProgramHasToStop(t *testing.T) {
	t.Parallel()
	p, c := startInFlight(t)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(2*time.Second, c.letGo) // anything else is cut before
	p.await(p.lines, `task_id`)            // of the run that the client pays for
	log, state := p.end()
	tasks := c.account.Tasks()
	if len(tasks) != 1 || state.ExitStatus() != 0 {
		t.Fatalf("%d tasks, exit code %d; want one, 0:\n%s", len(tasks), state.ExitStatus(), log)
	}
	if !strings.Contains(log, "run started task_id="+tasks[0].ID) {
		t.Errorf("the log lacks task %s:\n%s", tasks[0].ID, log)
	}
}

// mcp-go's own loop swallows a second signal.
func TestSecondSignalEndsTheProgramAtOnce(t *testing.T) {
	t.Parallel()
	p, _ := startInFlight(t) // which it would wait for
	go func() {              // ends with the process
		for p.cmd.Process.Signal(syscall.SIGTERM) == nil {
			select {
			case <-t.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	if log, state := p.end(); !state.Signaled() || state.Signal() != syscall.SIGTERM {
		t.Errorf("exit code %d, want an end by SIGTERM:\n%s", state.ExitStatus(), log)
	}
}
