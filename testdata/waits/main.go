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
	"slices"
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

	maxLists  = 6            // in the shortest time between two looks
	maxReads  = callers + 20 // one for each output, and some of the first looks
	maxMemory = 1.6          // of the one-tool server's peak
	maxLate   = 2            // intervals from a task's end to its answer
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

	ours, err := drive.Program(ctx, dir)
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
	before := len(account.Requests())
	late, err := holdAll(ctx, product, tasks, finished)
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
	return report(account.Requests()[before:], late, float64(peak)/1e6, float64(yardstick)/1e6)
}

// A task is one that runs, and when it ends.
type task struct {
	id   string
	ends time.Time
}

// start starts the tasks at the API itself.
func start(account *simulator.Account, workflow string) ([]task, error) {
	tasks := make([]task, callers)
	for i := range tasks {
		r := httptest.NewRequest(http.MethodPost, "/v2/workflow/run-task", bytes.NewBufferString(fmt.Sprintf(`{"workflow_id":%q}`, workflow)))
		r.Header.Set("Authorization", "Bearer "+drive.Key)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		account.ServeHTTP(w, r)
		var started struct{ ID string }
		if err := json.Unmarshal(w.Body.Bytes(), &started); err != nil || started.ID == "" {
			return nil, fmt.Errorf("%w: %s", err, w.Body)
		}
		tasks[i] = task{started.ID, time.Now().Add(runs)}
	}
	return tasks, nil
}

// finished reports whether a reply says that its task has ended.
func finished(reply []byte, t task) bool {
	var got struct {
		Result struct {
			StructuredContent struct {
				TaskID string `json:"task_id"`
				Status string `json:"status"`
			} `json:"structuredContent"`
		} `json:"result"`
	}
	err := json.Unmarshal(reply, &got)
	return err == nil && got.Result.StructuredContent.TaskID == t.id && got.Result.StructuredContent.Status == "finished"
}

// holdAll waits for all tasks at once, and returns how long after the end of its
// task the latest answer came. Each has to be as it should be.
func holdAll(ctx context.Context, s *drive.Server, tasks []task, right func([]byte, task) bool) (late time.Duration, err error) {
	url, err := s.URL()
	if err != nil {
		return 0, err
	}
	c, err := drive.DialHTTP(ctx, url)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	lates := make([]time.Duration, len(tasks))
	failures := make([]error, len(tasks))
	var calls sync.WaitGroup
	for i, t := range tasks {
		calls.Go(func() {
			reply, err := c.Call(ctx, "tools/call", fmt.Sprintf(`{"name":"get_task","arguments":{"task_id":%q,"wait_seconds":50}}`, t.id))
			if err == nil && !right(reply, t) {
				err = fmt.Errorf("%s is answered with %.300s", t.id, reply)
			}
			lates[i], failures[i] = time.Since(t.ends), err
		})
	}
	calls.Wait()
	return slices.Max(lates), errors.Join(failures...)
}

func holdYardstick(ctx context.Context, dir string, env []string, tasks []task) (int64, error) {
	path, err := drive.Build(ctx, dir, "/testdata/waits/hold")
	if err != nil {
		return 0, err
	}
	s, err := drive.Start(ctx, env, path)
	if err != nil {
		return 0, err
	}
	if _, err := holdAll(ctx, s, tasks, func(reply []byte, _ task) bool { return len(reply) > 0 }); err != nil {
		return 0, err
	}
	peak, err := s.Process().Peak()
	_ = s.Stop() // it knows no orderly end
	return peak, err
}

// highest returns how many lists were read within any time between two looks.
func highest(requests []simulator.Request) int {
	var lists []time.Time
	for _, r := range requests {
		if r.Endpoint == "list-tasks" {
			lists = append(lists, r.Time)
		}
	}
	peak := 0
	for i, first := range lists {
		n := 0
		for n < len(lists)-i && lists[i+n].Sub(first) < young {
			n++
		}
		peak = max(peak, n)
	}
	return peak
}

func report(requests []simulator.Request, late time.Duration, peak, yardstick float64) error {
	count := map[string]int{}
	for _, r := range requests {
		count[r.Endpoint]++
	}
	lists, reads, memory := highest(requests), count["get-task"], peak/yardstick
	fmt.Printf("%d waits over HTTP with one key, for tasks of %v\n", callers, runs)
	fmt.Printf("list-tasks: %d in all, at most %d within %v (want at most %d)\n", count["list-tasks"], lists, young, maxLists)
	fmt.Printf("get-task: %d (want at most %d), get-task-status: %d\n", reads, maxReads, count["get-task-status"])
	fmt.Printf("the latest answer %.1f s after its task's end (want at most %.0f s)\n", late.Seconds(), (maxLate * interval).Seconds())
	fmt.Printf("peak memory %.0f MB, %.2f times the one-tool server's %.0f MB (want at most %.1f)\n", peak, memory, yardstick, maxMemory)
	switch {
	case lists > maxLists:
		return errors.New("too many lists")
	case reads > maxReads:
		return errors.New("too many reads")
	case memory > maxMemory:
		return errors.New("too much memory")
	case late > maxLate*interval:
		return errors.New("too late")
	}
	return nil
}
