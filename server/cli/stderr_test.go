package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/server/cli"
)

// An unreadPipe takes 4,096 bytes, as a pipe on Windows does that is not read, and
// holds the next writer until it is closed.
type unreadPipe struct {
	mu     sync.Mutex
	room   int
	taken  chan string
	closed chan struct{}
	close  func()
}

func newUnreadPipe() *unreadPipe {
	closed := make(chan struct{})
	return &unreadPipe{room: 4096, taken: make(chan string, 4096), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

func (u *unreadPipe) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := min(u.room, len(p))
	u.room -= n
	u.taken <- string(p[:n])
	if n < len(p) {
		<-u.closed
		return n, io.ErrClosedPipe
	}
	return n, nil
}

// deadline is generous: it keeps a test from hanging.
const deadline = 30 * time.Second

const (
	callRegions = `{"name":"list_regions"}`
	callStart   = `{"name":"run_template","arguments":{"template_id":"77577579210625331","inputs":{"keywords":"%d"},"wait_seconds":0}}`
)

// A dialogue is the program over stdio, with a stderr that is never read.
type dialogue struct {
	t     *testing.T
	in    io.WriteCloser
	lines chan string
	stop  context.CancelFunc
	done  chan error
}

func talk(t *testing.T, stderr io.Writer, args ...string) *dialogue {
	t.Helper()
	stdin, in := io.Pipe()
	out, stdout := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	d := &dialogue{t: t, in: in, lines: make(chan string), stop: stop, done: make(chan error, 1)}
	go func() { // ends with stdin or ctx, which the test waits for
		err := cli.Run(ctx, cli.Program{Version: "v1"}, args, environment{}.get, stdin, stdout, stderr)
		_, _ = stdin.Close(), stdout.Close()
		d.done <- err
	}()
	go func() { // ends with stdout
		defer close(d.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			d.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() { // where the test broke off
		d.hangUp()
		for range d.lines {
		}
	})
	return d
}

// ask calls a tool and returns the reply.
func (d *dialogue) ask(params string) string {
	d.t.Helper()
	if _, err := fmt.Fprintf(d.in, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":%s}`+"\n", params); err != nil {
		d.t.Fatal(err)
	}
	select {
	case line := <-d.lines:
		return line
	case <-time.After(deadline):
		d.t.Fatal("no reply")
		return ""
	}
}

func (d *dialogue) hangUp() { _ = d.in.Close() }

// end ends the program and returns how long that took.
func (d *dialogue) end(how func(*dialogue)) time.Duration {
	d.t.Helper()
	begun := time.Now()
	how(d)
	select {
	case err := <-d.done:
		if err != nil {
			d.t.Errorf("ended with %v", err)
		}
	case <-time.After(deadline):
		d.t.Fatal("it does not end")
	}
	return time.Since(begun)
}

func TestStderrThatIsNotReadHoldsUpNoCallAndNoEndOverStdio(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args string
		end  func(*dialogue)
	}{
		"end of input": {"--simulator", (*dialogue).hangUp},
		"stop":         {"--simulator --log-level=debug --log-format=json", func(d *dialogue) { d.stop() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stderr := newUnreadPipe()
				defer stderr.close()
				d := talk(t, stderr, strings.Fields(c.args)...)
				for range 2000 {
					d.ask(callRegions)
				}
				for n := range 2 {
					if got := d.ask(fmt.Sprintf(callStart, n)); !strings.Contains(got, "task_id") {
						t.Errorf("no run in %s", got)
					}
				}
				if took := d.end(c.end); took > time.Second {
					t.Errorf("the end took %v", took)
				}
			})
		})
	}
}

func TestStderrThatIsNotReadHoldsUpNoCallNoCheckAndNoEndOverHTTP(t *testing.T) {
	t.Parallel()
	stderr := newUnreadPipe()
	ctx, stop := context.WithTimeout(t.Context(), 2*deadline)
	done := make(chan error, 1)
	go func() { // ends with ctx, and is waited for
		done <- cli.Run(ctx, cli.Program{Version: "v1"}, []string{"http", "--listen=127.0.0.1:0", "--simulator"},
			environment{}.get, strings.NewReader(""), io.Discard, stderr)
	}()
	t.Cleanup(func() { stderr.close(); stop() })
	line := <-stderr.taken
	_, url, _ := strings.Cut(strings.TrimSpace(line), "listening url=")
	client := &http.Client{Timeout: deadline}
	for n := range 502 {
		params := callRegions
		if n >= 500 {
			params = fmt.Sprintf(callStart, n)
		}
		got := post(ctx, client, url, "", fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":%s}`, n, params))
		if got.err != nil || got.status != http.StatusOK || n >= 500 && !strings.Contains(got.body, "task_id") {
			t.Fatalf("call %d: got %+v", n, got)
		}
	}
	for _, check := range []string{"/healthz", "/readyz"} {
		resp, err := client.Get(strings.TrimSuffix(url, "/mcp") + check)
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: got %s", check, resp.Status)
		}
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(deadline):
		t.Error("it does not end")
	}
}

func TestStderrThatIsReadGetsEveryLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 2000
		var stderr bytes.Buffer // without a lock: nothing writes once Run has returned
		d := talk(t, &stderr, "--simulator")
		for range calls {
			d.ask(callRegions)
		}
		d.end((*dialogue).hangUp)
		if got := strings.Count(stderr.String(), "tool call tool=list_regions"); got != calls {
			t.Errorf("got %d lines of %d calls", got, calls)
		}
	})
}

func TestErrorIsTheLastLineOfStderr(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"fly", "--log-level=loud", "http --listen=nowhere", "http --simulator --tls-cert=none --tls-key=none"} {
		got := run(t.Context(), nil, "", strings.Fields(args)...)
		if got.err == nil || !strings.HasSuffix("\n"+got.stderr, "\n"+got.message()+"\n") {
			t.Errorf("%s: got %v and %q on stderr", args, got.err, got.stderr)
		}
	}
}

func TestErrorThatCannotBeWrittenHoldsUpNoEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stderr := newUnreadPipe()
		defer stderr.close()
		stderr.room = 0
		begun := time.Now()
		err := cli.Run(t.Context(), cli.Program{}, []string{"fly"}, environment{}.get, strings.NewReader(""), io.Discard, stderr)
		if took := time.Since(begun); err == nil || took > time.Second {
			t.Errorf("got %v after %v", err, took)
		}
	})
}

func TestColoursReachATerminal(t *testing.T) {
	t.Parallel()
	var stderr terminal
	_ = cli.Run(t.Context(), cli.Program{}, nil, environment{}.get, strings.NewReader(""), io.Discard, &stderr)
	want := runtime.GOOS != "windows"
	if got := strings.Contains(stderr.String(), "\x1b["); got != want {
		t.Errorf("coloured is %t, want %t: %q", got, want, stderr.String())
	}
}

// Packages that log by themselves do so with the standard library.
func TestWhatThePackageLogWritesGoesTheWayOfTheLog(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	p := cli.Program{RedirectLog: func(w io.Writer) { fmt.Fprintln(w, "response with", goodKey) }}
	err := cli.Run(t.Context(), p, []string{"completion", "bash"}, environment{}.get, strings.NewReader(""), io.Discard, &stderr)
	if want := "response with [redacted]\n"; err != nil || stderr.String() != want {
		t.Errorf("got %v, %q, want %q", err, stderr.String(), want)
	}
}
