package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// buildProgram builds the program once for all tests that run it as a process.
var buildProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "browseract-mcp-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "browseract-mcp.exe")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// An instance is one process of the program over stdio.
type instance struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

// launch starts the program on an account, with a ledger.
func launch(t *testing.T, api *httptest.Server, ledger string) *instance {
	t.Helper()
	program, err := buildProgram()
	if err != nil {
		t.Error(err)
	}
	cmd := exec.Command(program, "--ledger", ledger, "--log-level", "error")
	cmd.Env = append(cmd.Environ(), "BROWSERACT_API_KEY="+simulator.Key, "BROWSERACT_API_URL="+api.URL)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Error(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
	}
	i := &instance{cmd, stdin, bufio.NewReader(stdout)}
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return i
}

// send sends one call of a tool.
func (i *instance) send(t *testing.T, id int, tool string, arguments any) {
	line, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": id, "method": "tools/call",
		"params": map[string]any{"name": tool, "arguments": arguments},
	})
	if err == nil {
		_, err = i.stdin.Write(append(line, '\n'))
	}
	if err != nil {
		t.Error(err)
	}
}

// ready waits until the program answers.
func (i *instance) ready(t *testing.T) {
	if _, err := io.WriteString(i.stdin, `{"jsonrpc":"2.0","id":0,"method":"ping"}`+"\n"); err != nil {
		t.Error(err)
	}
	i.receive(t)
}

// receive returns the next answer as text.
func (i *instance) receive(t *testing.T) string {
	answer, err := i.stdout.ReadString('\n')
	if err != nil {
		t.Error(err)
	}
	return answer
}

// account serves a simulated account over the network of this machine.
func account(t *testing.T) (*simulator.Account, *httptest.Server) {
	t.Helper()
	a := simulator.New(simulator.WithConcurrency(1000))
	api := httptest.NewServer(a)
	t.Cleanup(api.Close)
	return a, api
}

// pricesOf is a call of a workflow that needs an input.
func pricesOf(a *simulator.Account, more map[string]any) map[string]any {
	inputs := map[string]any{}
	for _, in := range a.Workflow("Never Ends").Inputs {
		inputs[in.Name] = "x"
	}
	arguments := map[string]any{"workflow_id": a.Workflow("Never Ends").ID, "inputs": inputs, "wait_seconds": 0}
	maps.Copy(arguments, more)
	return arguments
}

func TestKillAtAnyMomentOfAStartLosesNoRun(t *testing.T) {
	t.Parallel()
	const moments = 50
	whole := wholeStart(t)
	var kills sync.WaitGroup
	var created atomic.Int32
	starting := make(chan struct{}, 4) // more at a time would only slow each other down
	for n := range moments {
		kills.Go(func() {
			moment := time.Duration(rand.Int64N(int64(whole))) + time.Duration(n)*whole/moments/2
			if killAndAskAgain(t, starting, moment, n%2 == 0) {
				created.Add(1)
			}
		})
	}
	kills.Wait()
	t.Logf("a start takes %v; of %d that were killed in it, %d had become a run", whole, moments, created.Load())
	if n := created.Load(); n == 0 || n == moments {
		t.Errorf("%d of %d starts that were killed had become a run: the moments are not all of a start", n, moments)
	}
}

// slowly makes an account take its time for a start, before or after it begins.
func slowly(a *simulator.Account, createdFirst bool) {
	a.Inject(simulator.Fault{Endpoint: "run-task", Delay: 50 * time.Millisecond, After: createdFirst})
}

// wholeStart is how long a start takes that nothing interrupts.
func wholeStart(t *testing.T) time.Duration {
	t.Helper()
	a, api := account(t)
	slowly(a, false)
	i := launch(t, api, filepath.Join(t.TempDir(), "ledger.db"))
	i.ready(t)
	began := time.Now()
	i.send(t, 1, "run_workflow", pricesOf(a, nil))
	i.receive(t)
	return time.Since(began)
}

// killAndAskAgain kills the program at some moment of a start, and asks its
// successor for the same run, twice. It reports whether the run had been created.
func killAndAskAgain(t *testing.T, starting chan struct{}, moment time.Duration, createdFirst bool) (created bool) {
	a, api := account(t)
	slowly(a, createdFirst)
	ledger := filepath.Join(t.TempDir(), "ledger.db")
	arguments := pricesOf(a, map[string]any{"idempotency_key": "k"})

	starting <- struct{}{}
	first := launch(t, api, ledger)
	first.ready(t)
	first.send(t, 1, "run_workflow", arguments)
	<-time.After(moment)
	_ = first.cmd.Process.Kill()
	_ = first.cmd.Wait()
	<-starting
	created = len(a.Tasks()) == 1

	second := launch(t, api, ledger)
	for n, call := range []struct {
		tool      string
		arguments map[string]any
	}{{"run_workflow", arguments}, {"list_tasks", map[string]any{"mine": true}}, {"run_workflow", arguments}} {
		second.send(t, n, call.tool, call.arguments)
		answer := second.receive(t)
		tasks := a.Tasks()
		if len(tasks) > 1 {
			t.Errorf("killed after %v: %d runs were started", moment, len(tasks))
		}
		if len(tasks) == 1 && (!strings.Contains(answer, tasks[0].ID) || strings.Contains(answer, "may_have_started")) {
			t.Errorf("killed after %v: after the restart the run %s is unknown to %s: %s", moment, tasks[0].ID, call.tool, answer)
		}
		if len(tasks) == 0 {
			break // there is no known run, and the answer says to wait or to look
		}
	}
	return created
}

func TestTwoProcessesOnOneLedgerStartOneRun(t *testing.T) {
	t.Parallel()
	a, api := account(t)
	a.Inject(simulator.Fault{Endpoint: "run-task", Delay: 200 * time.Millisecond})
	ledger := filepath.Join(t.TempDir(), "ledger.db")
	const each = 100
	var calls sync.WaitGroup
	answers := make(chan string, 2*each)
	for range 2 {
		i := launch(t, api, ledger)
		for n := range each {
			i.send(t, n, "run_workflow", pricesOf(a, nil))
		}
		calls.Go(func() {
			for range each {
				answers <- i.receive(t)
			}
		})
	}
	calls.Wait()
	close(answers)
	created := a.Tasks()
	if len(created) != 1 {
		t.Fatalf("%d runs were started", len(created))
	}
	for answer := range answers {
		if !strings.Contains(answer, created[0].ID) {
			t.Errorf("an answer does not carry the run: %s", answer)
		}
	}
}
