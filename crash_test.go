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
	var kills sync.WaitGroup
	for n := range moments {
		kills.Go(func() { killAndAskAgain(t, n%2 == 0) })
	}
	kills.Wait()
}

// killAndAskAgain kills the program at some moment of a start, and asks its
// successor for the same run.
func killAndAskAgain(t *testing.T, createdFirst bool) {
	a, api := account(t)
	a.Inject(simulator.Fault{Endpoint: "run-task", Delay: 50 * time.Millisecond, After: createdFirst})
	ledger := filepath.Join(t.TempDir(), "ledger.db")
	arguments := pricesOf(a, map[string]any{"idempotency_key": "k"})

	first := launch(t, api, ledger)
	first.send(t, 1, "run_workflow", arguments)
	<-time.After(time.Duration(rand.IntN(1000)) * time.Millisecond) // 50 processes start at once
	_ = first.cmd.Process.Kill()
	_ = first.cmd.Wait()

	second := launch(t, api, ledger)
	second.send(t, 1, "run_workflow", arguments)
	answer := second.receive(t)
	created := a.Tasks()
	if len(created) > 1 {
		t.Errorf("%d runs were started", len(created))
	}
	if len(created) == 1 && !strings.Contains(answer, created[0].ID) {
		t.Errorf("the run %s is unknown after the restart: %s", created[0].ID, answer)
	}
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
