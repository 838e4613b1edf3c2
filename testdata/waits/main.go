// Command waits lets 1,000 callers with one key wait for 1,000 tasks at once over
// HTTP, and prints what that costs: requests to the API, and memory beside a
// one-tool server that holds as many calls. It fails if a figure is missed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

const (
	callers  = 1000
	runs     = 30 * time.Second // how long each task runs
	young    = 2 * time.Second  // between two looks at tasks that have just begun
	interval = 6 * time.Second  // between two looks at tasks of that age

	mostLists  = 6   // requests a poll interval
	mostMemory = 1.6 // of the one-tool server's peak
	mostLate   = 2   // intervals from a task's end to its answer
	slack      = 3 * time.Second
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "waits")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	account := simulator.New(simulator.WithKeys(drive.Key), simulator.WithConcurrency(2*callers))
	workflow := account.AddWorkflow(simulator.Workflow{Name: "Half A Minute", Scenario: simulator.Scenario{Running: runs, Output: simulator.Output{Text: "[]"}}})
	api := httptest.NewServer(account)
	defer api.Close()
	env := []string{"BROWSERACT_API_URL=" + api.URL, "BROWSERACT_API_KEY=" + drive.Key, "BROWSERACT_MCP_LEDGER=memory"}

	ours, err := build(ctx, dir, "browseract-mcp", ".")
	if err != nil {
		return err
	}
	product, err := drive.Start(ctx, env, ours, "http", "--listen", "127.0.0.1:0", "--max-concurrent", fmt.Sprint(2*callers), "--log-level", "info")
	if err != nil {
		return err
	}
	tasks, err := start(account, workflow)
	if err != nil {
		return err
	}
	ended := time.Now().Add(runs)
	before := len(account.Requests())
	answers, err := holdAll(ctx, product, tasks)
	if err != nil {
		return err
	}
	peak, err := product.Process().Peak()
	if err := errors.Join(err, product.Stop()); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	yardstick, err := holdYardstick(ctx, dir, env, tasks)
	if err != nil {
		return fmt.Errorf("the one-tool server: %w", err)
	}
	return report(account.Requests()[before:], answers, ended, float64(peak), float64(yardstick))
}

func build(ctx context.Context, dir, name, pkg string) (string, error) {
	path := filepath.Join(dir, name)
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, pkg).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}

// start starts the tasks at the API itself.
func start(account *simulator.Account, workflow string) ([]string, error) {
	ids := make([]string, callers)
	for i := range ids {
		r := httptest.NewRequest(http.MethodPost, "/v2/workflow/run-task", bytes.NewBufferString(fmt.Sprintf(`{"workflow_id":%q}`, workflow)))
		r.Header.Set("Authorization", "Bearer "+drive.Key)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		account.ServeHTTP(w, r)
		var started struct{ ID string }
		if err := json.Unmarshal(w.Body.Bytes(), &started); err != nil || started.ID == "" {
			return nil, fmt.Errorf("%w: %s", err, w.Body)
		}
		ids[i] = started.ID
	}
	return ids, nil
}

// holdAll waits for all tasks at once and returns when each answer came.
func holdAll(ctx context.Context, s *drive.Server, tasks []string) ([]time.Time, error) {
	url, err := s.URL()
	if err != nil {
		return nil, err
	}
	c, err := drive.DialHTTP(ctx, url)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	answers := make([]time.Time, len(tasks))
	failures := make([]error, len(tasks))
	var calls sync.WaitGroup
	for i, id := range tasks {
		calls.Go(func() {
			_, failures[i] = c.Call(ctx, "tools/call", fmt.Sprintf(`{"name":"get_task","arguments":{"task_id":%q,"wait_seconds":50}}`, id))
			answers[i] = time.Now()
		})
	}
	calls.Wait()
	return answers, errors.Join(failures...)
}

func holdYardstick(ctx context.Context, dir string, env, tasks []string) (int64, error) {
	path, err := build(ctx, dir, "hold", "./testdata/waits/hold")
	if err != nil {
		return 0, err
	}
	s, err := drive.Start(ctx, env, path)
	if err != nil {
		return 0, err
	}
	_, err = holdAll(ctx, s, tasks)
	if err != nil {
		return 0, err
	}
	peak, err := s.Process().Peak()
	_ = s.Stop() // it knows no orderly end
	return peak, err
}

func report(requests []simulator.Request, answers []time.Time, ended time.Time, peak, yardstick float64) error {
	count := map[string]int{}
	for _, r := range requests {
		count[r.Endpoint]++
	}
	took := requests[len(requests)-1].Time.Sub(requests[0].Time)
	lists := float64(count["list-tasks"]) / (float64(took)/float64(young) + 1)
	var late time.Duration
	for _, at := range answers {
		late = max(late, at.Sub(ended))
	}
	memory := peak / yardstick
	fmt.Printf("%d waits over HTTP with one key, for tasks of %v\n", callers, runs)
	fmt.Printf("list-tasks: %d in %.0f s, %.1f a poll interval (want at most %d)\n", count["list-tasks"], took.Seconds(), lists, mostLists)
	fmt.Printf("get-task: %d, get-task-status: %d\n", count["get-task"], count["get-task-status"])
	fmt.Printf("the last answer %.1f s after its task's end (want at most %.0f s, and %v on a busy machine)\n", late.Seconds(), (mostLate * interval).Seconds(), slack)
	fmt.Printf("peak memory %.0f MB, %.2f times the one-tool server's (want at most %.1f)\n", peak/1e6, memory, mostMemory)
	switch {
	case lists > mostLists:
		return errors.New("too many lists")
	case memory > mostMemory:
		return errors.New("too much memory")
	case late > mostLate*interval+slack:
		return errors.New("too late")
	}
	return nil
}
