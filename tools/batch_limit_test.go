package tools_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/runs"
)

func TestBatchOfAHundredRowsKeepsToTheAccountsLimit(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		b := d.runBatch("Price Monitor", 1, 100, `,"max_parallel":20`)
		if b.BatchID == "" || b.Total != 100 || len(b.Rows) != 100 || b.Done {
			t.Fatalf("got %+v", b)
		}
		began, most := time.Now(), 0
		for !b.Done && time.Since(began) < time.Hour {
			most = max(most, openTasks(d.account))
			b = d.getBatch(b.BatchID, "")
		}
		if b.Counts != (schemas.BatchCounts{Finished: 100}) || b.Credits != 3000 {
			t.Errorf("got %+v, %d credits", b.Counts, b.Credits)
		}
		if most != 3 || len(d.account.Tasks()) != 100 || posts(d.account) > 200 {
			t.Errorf("%d open at a time, %d tasks in all, %d runs asked for", most, len(d.account.Tasks()), posts(d.account))
		}
		for i, row := range b.Rows {
			if row.Row != i+1 || row.TaskID == "" || row.Rows == nil || *row.Rows != 8 || *row.Credits != 30 || row.Error != "" {
				t.Fatalf("row %d is %+v", i+1, row)
			}
		}
		d.holdOneTaskARow()
		t.Logf("%v, %d requests, %d refused starts", time.Since(began), len(d.account.Requests()), posts(d.account)-100)
	}, simulator.WithConcurrency(3))
}

func TestBatchWaitsForPlacesThatOthersHold(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		other := d.start("Seven Hours")
		b := d.runBatch("Price Monitor", 1, 3, "")
		if b.Counts != (schemas.BatchCounts{Queued: 3}) || b.NextStep.Arguments["continue"] != nil {
			t.Errorf("got %+v", b)
		}
		time.Sleep(time.Hour)
		if n := posts(d.account); n > 80 {
			t.Errorf("%d runs were asked for in an hour without a place", n)
		}
		d.call(context.Background(), "stop_task", taskArgument(other))
		began := time.Now()
		if b = d.toTheEnd(b.BatchID); b.Counts.Finished != 3 || time.Since(began) > 6*time.Minute {
			t.Errorf("after %v got %+v", time.Since(began), b)
		}
	}, simulator.WithConcurrency(1))
}

func TestStartWithoutAClearAnswerDoesNotHaltTheBatch(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		time.Sleep(ledger.MaxRun) // what other servers started is over
		d.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Abort: true, Skip: 1, Times: 1})
		mend := d.account.Inject(simulator.Fault{Endpoint: "list-tasks", Abort: true})
		b := d.runBatch("Price Monitor", 1, 5, `,"max_parallel":5`)
		mend()
		if b.Rows[1].Status != "may_have_started" || b.Counts.Running != 4 {
			t.Errorf("got %+v", b)
		}
		time.Sleep(3 * time.Minute)
		if b = d.getBatch(b.BatchID, ""); b.Counts.Finished != 5 || len(d.account.Tasks()) != 5 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b)
		}
	})
}

func TestHopelessBatchHaltsAndSaysWhy(t *testing.T) {
	for workflow, want := range map[string]struct {
		posts  int
		counts schemas.BatchCounts
		says   string
	}{
		"Not Published":  {1, schemas.BatchCounts{Queued: 20}, "never been published"},
		"Out Of Credits": {5, schemas.BatchCounts{Queued: 15, Refused: 5}, "BrowserAct refused the request"},
	} {
		t.Run(workflow, func(t *testing.T) {
			batchBubble(t, func(t *testing.T, d *desk) {
				id := d.runBatch(workflow, 1, 20, "").BatchID
				time.Sleep(50 * time.Minute)
				b := d.getBatch(id, "")
				if posts(d.account) != want.posts || b.Counts != want.counts || b.Done {
					t.Errorf("%d runs were asked for; got %+v", posts(d.account), b)
				}
				said := strings.Join(b.Warnings, " ")
				if !strings.Contains(said, "No more rows are started") || !strings.Contains(said, want.says) {
					t.Errorf("it says %q", said)
				}
				if b.NextStep == nil || b.NextStep.Arguments["continue"] != true {
					t.Errorf("next is %+v", b.NextStep)
				}
			})
		})
	}
}

func TestBatchHoldsTheBudget(t *testing.T) {
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
		d := h.serve(withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxRunsPerDay: 5}))
		id := d.runBatch("Price Monitor", 1, 12, `,"max_parallel":10`).BatchID
		for day, tasks := range []int{5, 10, 12} {
			time.Sleep(50 * time.Minute)
			b := d.getBatch(id, "")
			if len(d.account.Tasks()) != tasks || b.Done != (tasks == 12) {
				t.Fatalf("on day %d %d tasks; got %+v", day, len(d.account.Tasks()), b)
			}
			if !b.Done && !strings.Contains(strings.Join(b.Warnings, " "), "5 of 5 runs in 24 hours") {
				t.Errorf("it says %q", b.Warnings)
			}
			time.Sleep(24 * time.Hour)
			d.getBatch(id, `,"continue":true`)
		}
	})
}

func TestBatchesShareTheLimitOfActiveRuns(t *testing.T) {
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
		d := h.serve(withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxActiveRuns: 2}))
		one, two := d.runBatch("Price Monitor", 1, 5, "").BatchID, d.runBatch("Price Monitor", 6, 10, "").BatchID
		for range 60 {
			time.Sleep(20 * time.Second)
			if n := openTasks(d.account); n > 2 {
				t.Fatalf("%d tasks are open", n)
			}
		}
		if !d.getBatch(one, "").Done || !d.getBatch(two, "").Done || len(d.account.Tasks()) != 10 {
			t.Errorf("%d tasks", len(d.account.Tasks()))
		}
	})
}

func TestNotAllowedBatchIsRefused(t *testing.T) {
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
		d := h.serve(withPolicy(runs.Policy{Mode: runs.BudgetEnforce, AllowWorkflows: []string{"1"}}))
		if p := d.call(context.Background(), "run_batch", d.batchArguments("Price Monitor", 1, 2, "")).problem(); p.Code != "not_allowed" {
			t.Errorf("got %+v", p)
		}
	})
}

func TestBatchesNeedALedger(t *testing.T) {
	t.Parallel()
	d := newDesk(t, simulator.New(), func(cfg *tools.Config) { cfg.Toolsets, cfg.Ledger = []string{"batch"}, nil })
	for tool, arguments := range map[string]string{
		"run_batch":  d.batchArguments("Price Monitor", 1, 2, ""),
		"get_batch":  batchArgument("b_1", ""),
		"stop_batch": batchArgument("b_1", ""),
	} {
		if p := d.call(context.Background(), tool, arguments).problem(); p.Code != "no_ledger" || !strings.Contains(p.Message, "--ledger") {
			t.Errorf("%s: got %+v", tool, p)
		}
	}
}

func TestRowsOfABatchAreWatchedByLists(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		d.toTheEnd(d.runBatch("Price Monitor", 1, 40, `,"max_parallel":20`).BatchID)
		counts := map[string]int{}
		for _, r := range d.account.Requests() {
			counts[r.Endpoint]++
		}
		t.Logf("%v", counts)
		if counts["get-task-status"] > 60 || counts["get-task"] > 60 || counts["list-tasks"] > 200 {
			t.Errorf("%v for 40 rows", counts)
		}
	})
}
