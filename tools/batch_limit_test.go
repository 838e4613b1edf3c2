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

func TestBatchOfAHundredRowsRespectsTheConcurrencyLimit(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		b := srv.runBatch("Price Monitor", 1, 100, `,"max_parallel":20`)
		if b.BatchID == "" || b.Total != 100 || len(b.Rows) != 100 || b.Done {
			t.Fatalf("got %+v", b)
		}
		began, limit := time.Now(), 0
		for !b.Done && time.Since(began) < time.Hour {
			limit = max(limit, openTasks(srv.account))
			b = srv.getBatch(b.BatchID, "")
		}
		if b.Counts != (schemas.BatchCounts{Finished: 100}) || b.Credits != 3000 {
			t.Errorf("got %+v, %d credits", b.Counts, b.Credits)
		}
		if limit != 3 || len(srv.account.Tasks()) != 100 || posts(srv.account) > 200 {
			t.Errorf("%d open at a time, %d tasks in all, %d runs asked for", limit, len(srv.account.Tasks()), posts(srv.account))
		}
		for i, row := range b.Rows {
			if row.Row != i+1 || row.TaskID == "" || row.Rows == nil || *row.Rows != 8 || *row.Credits != 30 || row.Error != "" {
				t.Fatalf("row %d is %+v", i+1, row)
			}
		}
		srv.checkOneTaskPerRow()
		t.Logf("%v, %d requests, %d refused starts", time.Since(began), len(srv.account.Requests()), posts(srv.account)-100)
	}, simulator.WithConcurrency(3))
}

func TestBatchWaitsWhileOtherRunsFillTheLimit(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		other := srv.start("Seven Hours")
		b := srv.runBatch("Price Monitor", 1, 3, "")
		if b.Counts != (schemas.BatchCounts{Queued: 3}) || b.NextStep.Arguments["continue"] != nil {
			t.Errorf("got %+v", b)
		}
		time.Sleep(time.Hour)
		if n := posts(srv.account); n > 80 {
			t.Errorf("%d runs were asked for in an hour without a place", n)
		}
		srv.call(context.Background(), "stop_task", taskArgument(other))
		began := time.Now()
		if b = srv.finishBatch(b.BatchID); b.Counts.Finished != 3 || time.Since(began) > 6*time.Minute {
			t.Errorf("after %v got %+v", time.Since(began), b)
		}
	}, simulator.WithConcurrency(1))
}

func TestAmbiguousStartDoesNotHaltTheBatch(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		time.Sleep(ledger.MaxRun) // what other servers started is over
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Abort: true, Skip: 1, Times: 1})
		mend := srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Abort: true})
		b := srv.runBatch("Price Monitor", 1, 5, `,"max_parallel":5`)
		mend()
		if b.Rows[1].Status != "may_have_started" || b.Counts.Running != 4 {
			t.Errorf("got %+v", b)
		}
		time.Sleep(3 * time.Minute)
		if b = srv.getBatch(b.BatchID, ""); b.Counts.Finished != 5 || len(srv.account.Tasks()) != 5 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b)
		}
	})
}

func TestBatchHaltsOnPermanentError(t *testing.T) {
	for workflow, want := range map[string]struct {
		posts  int
		counts schemas.BatchCounts
	}{
		"Not Published":  {1, schemas.BatchCounts{Queued: 20}},
		"Out Of Credits": {5, schemas.BatchCounts{Queued: 15, Refused: 5}},
	} {
		t.Run(workflow, func(t *testing.T) {
			runBatchSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.runBatch(workflow, 1, 20, "").BatchID
				time.Sleep(50 * time.Minute)
				a := srv.call(context.Background(), "get_batch", batchArgument(id, ""))
				a.checkMessages()
				b := a.batch()
				if posts(srv.account) != want.posts || b.Counts != want.counts || b.Done {
					t.Errorf("%d runs were asked for; got %+v", posts(srv.account), b)
				}
				if len(b.Warnings) == 0 || b.NextStep == nil || b.NextStep.Arguments["continue"] != true {
					t.Errorf("got %+v", b)
				}
			})
		})
	}
}

func TestBatchRespectsTheBudget(t *testing.T) {
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
		srv := dep.serve(withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxRunsPerDay: 5}))
		id := srv.runBatch("Price Monitor", 1, 12, `,"max_parallel":10`).BatchID
		for day, tasks := range []int{5, 10, 12} {
			time.Sleep(50 * time.Minute)
			b := srv.getBatch(id, "")
			if len(srv.account.Tasks()) != tasks || b.Done != (tasks == 12) {
				t.Fatalf("on day %d %d tasks; got %+v", day, len(srv.account.Tasks()), b)
			}
			if !b.Done && !strings.Contains(strings.Join(b.Warnings, " "), "5 of 5 ") {
				t.Errorf("it says %q", b.Warnings)
			}
			time.Sleep(24 * time.Hour)
			srv.getBatch(id, `,"continue":true`)
		}
	})
}

func TestBatchesShareTheLimitOfActiveRuns(t *testing.T) {
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
		srv := dep.serve(withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxActiveRuns: 2}))
		one, two := srv.runBatch("Price Monitor", 1, 5, "").BatchID, srv.runBatch("Price Monitor", 6, 10, "").BatchID
		for range 60 {
			time.Sleep(20 * time.Second)
			if n := openTasks(srv.account); n > 2 {
				t.Fatalf("%d tasks are open", n)
			}
		}
		if !srv.getBatch(one, "").Done || !srv.getBatch(two, "").Done || len(srv.account.Tasks()) != 10 {
			t.Errorf("%d tasks", len(srv.account.Tasks()))
		}
	})
}

func TestDisallowedBatchIsRefused(t *testing.T) {
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
		srv := dep.serve(withPolicy(runs.Policy{Mode: runs.BudgetEnforce, AllowWorkflows: []string{"1"}}))
		if p := srv.call(context.Background(), "run_batch", srv.batchArguments("Price Monitor", 1, 2, "")).problem(); p.Code != "not_allowed" {
			t.Errorf("got %+v", p)
		}
	})
}

func TestBatchesNeedALedger(t *testing.T) {
	t.Parallel()
	srv := newServer(t, newAccount(), func(cfg *tools.Config) { cfg.Toolsets, cfg.Ledger = []string{"batch"}, nil })
	for tool, arguments := range map[string]string{
		"run_batch":  srv.batchArguments("Price Monitor", 1, 2, ""),
		"get_batch":  batchArgument("b_1", ""),
		"stop_batch": batchArgument("b_1", ""),
	} {
		if p := srv.call(context.Background(), tool, arguments).problem(); p.Code != "no_ledger" || !strings.Contains(p.Message, "--ledger") {
			t.Errorf("%s: got %+v", tool, p)
		}
	}
}

func TestBatchRowsArePolledByLists(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		srv.finishBatch(srv.runBatch("Price Monitor", 1, 40, `,"max_parallel":20`).BatchID)
		counts := map[string]int{}
		for _, r := range srv.account.Requests() {
			counts[r.Endpoint]++
		}
		t.Logf("%v", counts)
		if counts["get-task-status"] > 60 || counts["get-task"] > 60 || counts["list-tasks"] > 200 {
			t.Errorf("%v for 40 rows", counts)
		}
	})
}
