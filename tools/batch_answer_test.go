package tools_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
)

func TestPausedBatchRowIsShownAndResumedAlone(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.account.AddWorkflow(simulator.Workflow{
			Name: "Log In", Inputs: []simulator.Input{{Name: "user", Required: true}},
			Scenario: simulator.Scenario{
				Running: 2 * time.Minute, Credits: 7, Output: simulator.Output{Text: "[]"},
				Steps: []simulator.Step{{Goal: "Open"}, {Goal: "Log in", Human: &simulator.Human{Live: true}}},
			},
		})
		b := srv.call(context.Background(), "run_batch", fmt.Sprintf(`{"workflow_id":%q,"rows":[{"user":"a"},{"user":"b"}],"max_parallel":1,"wait_seconds":50}`, id)).batch()
		began := time.Now()
		if b = srv.getBatch(b.BatchID, ""); time.Since(began) > 20*time.Second {
			t.Errorf("a wait goes on for %v although a row is paused", time.Since(began))
		}
		row := b.Rows[0]
		if row.Status != "paused" || row.LiveURL == "" || b.Rows[1].Status != "queued" || b.NextStep.Tool != "get_batch" {
			t.Errorf("got %+v", b)
		}
		if began := time.Now(); srv.getBatch(b.BatchID, "").Rows[0].Status != "paused" || time.Since(began) < 20*time.Second {
			t.Errorf("a row that was paused before ends the wait after %v", time.Since(began))
		}
		srv.call(context.Background(), "resume_task", taskArgument(row.TaskID)).task()
		for range 20 {
			if b = srv.getBatch(b.BatchID, ""); b.Rows[1].Status == "paused" {
				break
			}
		}
		if b.Rows[0].Status != "finished" || b.Rows[0].LiveURL != "" || b.Rows[1].Status != "paused" {
			t.Errorf("got %+v", b.Rows)
		}
	})
}

func TestBatchWaitDependsOnNumberOfRows(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.runBatch("Price Monitor", 1, 6, `,"wait_seconds":0,"max_parallel":2`).BatchID
		for _, step := range []struct {
			waitFor string
			ended   int
		}{{`"any"`, 2}, {`"ANY"`, 4}, {`3`, 4}, {`"5"`, 6}, {`"all"`, 6}, {`100`, 6}} {
			var b schemas.Batch
			for range 3 { // a round takes 63 s
				b = srv.getBatch(id, `,"wait_seconds":50,"wait_for":`+step.waitFor)
				time.Sleep(10 * time.Second) // two runs end together, and one may be seen some seconds later
				if b.Counts.Finished >= step.ended {
					break
				}
			}
			if b.Counts.Finished != step.ended {
				t.Errorf("wait_for %s ends with %+v, want %d ended", step.waitFor, b.Counts, step.ended)
			}
		}
		for _, wrong := range []string{`"some"`, `0`, `-1`, `1.5`, `true`} {
			if p := srv.call(context.Background(), "get_batch", batchArgument(id, `,"wait_for":`+wrong)).problem(); p.Code != "invalid_arguments" {
				t.Errorf("wait_for %s: %+v", wrong, p)
			}
		}
	})
}

func TestBatchReportsEndedRowsAtOnce(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.runBatch("Price Monitor", 1, 6, `,"wait_seconds":0,"max_parallel":2`).BatchID
		time.Sleep(100 * time.Second)
		for call, waits := range []bool{false, true} {
			began := time.Now()
			srv.getBatch(id, `,"wait_for":"any"`)
			if took := time.Since(began); (took > 10*time.Second) != waits {
				t.Errorf("call %d takes %v", call, took)
			}
		}
	})
}

func TestBatchAnswerFitsItsBudget(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(body []byte) []byte {
			return []byte(strings.Replace(string(body), "Navigation timeout", strings.Repeat(`\"no\" `, 500), 1))
		}})
		id := srv.runBatch("Navigation Timeout", 1, 100, `,"max_parallel":20`).BatchID
		srv.finishBatch(id)
		a := srv.call(context.Background(), "get_batch", batchArgument(id, ""))
		if b := a.batch(); b.Counts.Failed != 100 || b.Rows[0].Error == "" || b.Rows[0].Rows != nil {
			t.Errorf("got %+v", b)
		}
		if n := len([]rune(a.Text)); n > 100_000 {
			t.Errorf("%d characters", n)
		}
		t.Logf("%d bytes", len(a.Text))
	})
}

func TestLongURLsFitTheBatchAnswer(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		long := []byte("https://live.browseract.example/" + strings.Repeat("x", 6000) + "/")
		srv.account.Inject(simulator.Fault{Mutate: func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte("https://live.browseract.example/"), long)
		}})
		id := srv.account.AddWorkflow(simulator.Workflow{
			Name: "All Pause", Inputs: []simulator.Input{{Name: "user", Required: true}},
			Scenario: simulator.Scenario{Running: time.Minute, Steps: []simulator.Step{{Goal: "Log in", Human: &simulator.Human{Live: true}}}},
		})
		a := srv.call(context.Background(), "run_batch", fmt.Sprintf(`{"workflow_id":%q,"rows":[%s{"user":"0"}],"max_parallel":20}`, id, numbered(19)))
		b := a.batch()
		a = srv.call(context.Background(), "get_batch", batchArgument(b.BatchID, ""))
		if b = a.batch(); b.Counts.Paused != 20 || b.Rows[0].LiveURL == "" || b.Rows[19].LiveURL != "" || len(b.Warnings) != 1 {
			t.Errorf("got %+v", b)
		}
		if n := len([]rune(a.Text)); n > 100_000 {
			t.Errorf("%d characters", n)
		}
	}, simulator.WithoutGzip())
}

// numbered is that many rows with a user, each with a comma behind it.
func numbered(n int) string {
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, `{"user":"%d"},`, i+1)
	}
	return rows.String()
}

func TestBatchAnswerHasThePromisedShape(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		b := srv.finishBatch(srv.runBatch("Fails Without A Word", 1, 1, "").BatchID)
		credits := int64(70)
		want := schemas.Batch{
			BatchID: b.BatchID, WorkflowID: srv.account.Workflow("Fails Without A Word").ID, Total: 1, Done: true,
			Counts: schemas.BatchCounts{Failed: 1}, Credits: 70,
			Summary:  "Of 1 rows: 1 failed. They have used 70 credits.",
			Rows:     []schemas.BatchRow{{Row: 1, TaskID: srv.account.Tasks()[0].ID, Status: "failed", Credits: &credits, Error: "BrowserAct gives no reason. The log page may show one."}},
			Warnings: []string{},
		}
		if diff := cmp.Diff(want, b); diff != "" {
			t.Error(diff)
		}
	})
}
