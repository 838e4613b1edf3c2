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
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
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

func TestBatchGoesOnWhileNobodyWaits(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		id := d.runBatch("Price Monitor", 1, 10, `,"wait_seconds":0,"max_parallel":2`).BatchID
		time.Sleep(10 * time.Minute)
		if n := openTasks(d.account); len(d.account.Tasks()) != 10 || n != 0 {
			t.Errorf("%d tasks, %d of them open", len(d.account.Tasks()), n)
		}
		if b := d.getBatch(id, `,"wait_seconds":0`); !b.Done || b.Counts.Finished != 10 || b.NextStep.Tool != "get_task_output" {
			t.Errorf("got %+v", b)
		}
	})
}

func TestRowsOfABatchThatAreTheSameShareOneRun(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		w := d.account.Workflow("Price Monitor")
		one, two := d.rowOf(w.Name, 1), d.rowOf(w.Name, 2)
		arguments := fmt.Sprintf(`{"workflow_id":%q,"rows":[%s,%s,%s]`, w.ID, one, two, one)
		b := d.toTheEnd(d.call(context.Background(), "run_batch", arguments+"}").batch().BatchID)
		if b.Counts.Finished != 3 || b.Rows[2].SameAs != 1 || b.Rows[2].TaskID != b.Rows[0].TaskID || len(d.account.Tasks()) != 2 || b.Credits != 60 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b)
		}
		b = d.toTheEnd(d.call(context.Background(), "run_batch", arguments+`,"allow_duplicate":true}`).batch().BatchID)
		if b.Rows[2].SameAs != 0 || len(d.account.Tasks()) != 5 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b)
		}
	})
}

func TestBatchNamesItsWrongRowsAndStartsNothing(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		workflow, template := d.account.Workflow("Price Monitor").ID, googleMaps
		good := `{"product_url":"https://shop.example/1"}`
		for _, tt := range []struct{ arguments, code, says string }{
			{`{"workflow_id":"` + workflow + `","rows":[` + good + `,{"product_ulr":"x"},` + good + `,{}]}`, "invalid_inputs", `Row 2: There is no input "product_ulr"; did you mean "product_url"?`},
			{`{"workflow_id":"` + workflow + `","rows":[` + good + `,{}]}`, "invalid_inputs", `Row 2: The input "product_url" is required`},
			{`{"workflow_id":"` + workflow + `","rows":[` + strings.Repeat("{},", 50) + `{}]}`, "invalid_inputs", "41 more rows are wrong too."},
			{`{"workflow_id":"` + workflow + `","rows":[` + strings.Repeat("{},", 100) + `{}]}`, "invalid_arguments", "rows"},
			{`{"workflow_id":"` + workflow + `","rows":[]}`, "invalid_arguments", "rows"},
			{`{"rows":[{}]}`, "invalid_arguments", "either workflow_id or template_id"},
			{`{"workflow_id":"1","template_id":"2","rows":[{}]}`, "invalid_arguments", "either workflow_id or template_id"},
			{`{"workflow_id":"` + workflow + `","region":"US","rows":[` + good + `]}`, "invalid_arguments", "region"},
			{`{"template_id":"` + template + `","profile_id":"p","rows":[{"keywords":"x"}]}`, "invalid_arguments", "profile_id"},
			{`{"template_id":"` + template + `","region":"GB","rows":[{"keywords":"x"}]}`, "unknown_region", "UK"},
			{`{"workflow_id":"404","rows":[{}]}`, "api_error", "Nothing was started"},
		} {
			if p := d.call(context.Background(), "run_batch", tt.arguments).problem(); p.Code != tt.code || !strings.Contains(p.Message, tt.says) {
				t.Errorf("%s: got %s: %s", tt.arguments, p.Code, p.Message)
			}
		}
		if n := posts(d.account); n != 0 {
			t.Errorf("%d runs were asked for", n)
		}
	})
}

func TestBatchRunsTemplates(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		arguments := `{"template_id":"` + googleMaps + `","region":"uk","rows":"[{\"keywords\":\"tea\"},[{\"name\":\"keywords\",\"value\":\"coffee\"}]]"}`
		b := d.toTheEnd(d.call(context.Background(), "run_batch", arguments).batch().BatchID)
		if b.TemplateID != googleMaps || b.WorkflowID != "" || b.Counts.Finished != 2 {
			t.Errorf("got %+v", b)
		}
		for _, task := range d.account.Tasks() {
			if task.Region != "UK" {
				t.Errorf("a run in %s", task.Region)
			}
		}
	})
}

func TestSameBatchAskedAgainIsTheSameBatch(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		first := d.runBatch("Price Monitor", 1, 4, "")
		again := d.runBatch("Price Monitor", 1, 4, "")
		if first.Deduplicated || !again.Deduplicated || again.BatchID != first.BatchID {
			t.Errorf("got %s, then %s", first.BatchID, again.BatchID)
		}
		d.toTheEnd(first.BatchID)
		if other := d.runBatch("Price Monitor", 1, 5, ""); other.BatchID == first.BatchID {
			t.Error("other rows are taken for the same batch")
		}
		if n := len(d.account.Tasks()); n != 9 {
			t.Errorf("%d tasks", n) // the end of the first four was told
		}
		if later := d.runBatch("Price Monitor", 1, 4, ""); later.Deduplicated || later.BatchID == first.BatchID {
			t.Errorf("a batch whose end was told answers with %+v", later)
		}
	})
}

func TestIdempotencyKeyAnswersWithItsBatchForADay(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		key := `,"idempotency_key":"monday"`
		id := d.runBatch("Price Monitor", 1, 2, key).BatchID
		d.toTheEnd(id)
		time.Sleep(20 * time.Hour)
		if b := d.runBatch("Price Monitor", 1, 2, key); b.BatchID != id || !b.Deduplicated || !b.Done {
			t.Errorf("got %+v", b)
		}
		p := d.call(context.Background(), "run_batch", d.batchArguments("Price Monitor", 1, 3, key)).problem()
		if p.Code != "idempotency_key_reused" || p.NextStep == nil {
			t.Errorf("got %+v", p)
		}
		time.Sleep(5 * time.Hour)
		if b := d.runBatch("Price Monitor", 1, 2, key); b.BatchID == id {
			t.Error("the key answers after a day")
		}
	})
}

func TestImpatientClientGetsItsBatchAtLast(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 4 * time.Second})
		for range 9 {
			ctx, cancel := cancelled(5 * time.Second)
			d.call(ctx, "run_batch", d.batchArguments("Price Monitor", 1, 8, ""))
			cancel()
		}
		b := d.toTheEnd(d.runBatch("Price Monitor", 1, 8, "").BatchID)
		if b.Counts.Finished != 8 || len(d.account.Tasks()) != 8 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b.Counts)
		}
	})
}

func TestBatchDoesNotStartARowThatRunsAlready(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		before := d.call(context.Background(), "run_workflow", `{"workflow_id":"`+d.account.Workflow("Seven Hours").ID+`","inputs":`+d.rowOf("Seven Hours", 2)+`}`).task()
		b := d.runBatch("Seven Hours", 1, 3, "")
		if row := b.Rows[1]; row.TaskID != before.TaskID || !row.Deduplicated || b.Rows[0].Deduplicated || len(d.account.Tasks()) != 3 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b.Rows)
		}
		stopped := d.call(context.Background(), "stop_batch", batchArgument(b.BatchID, "")).batch()
		if stopped.Counts != (schemas.BatchCounts{Canceled: 2, Running: 1}) || !strings.Contains(strings.Join(stopped.Warnings, ""), "Row 2 was started outside") {
			t.Errorf("got %+v", stopped)
		}
	})
}

func TestStoppedBatchStaysStopped(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		b := d.runBatch("Seven Hours", 1, 10, `,"max_parallel":3`)
		want := schemas.BatchCounts{Canceled: 3, GivenUp: 7}
		for range 3 {
			b = d.call(context.Background(), "stop_batch", batchArgument(b.BatchID, "")).batch()
			if b.Counts != want || !b.Done || b.NextStep != nil {
				t.Errorf("got %+v", b)
			}
		}
		time.Sleep(time.Hour)
		if b := d.getBatch(b.BatchID, `,"continue":true`); b.Counts != want || len(d.account.Tasks()) != 3 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b.Counts)
		}
	})
}

func TestStopOfABatchMeetsTheRowThatIsJustStarting(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 9 * time.Second, Skip: 1})
		id := d.runBatch("Seven Hours", 1, 4, `,"wait_seconds":3`).BatchID
		b := d.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if b.Counts != (schemas.BatchCounts{Canceled: 2, GivenUp: 2}) || openTasks(d.account) != 0 {
			t.Errorf("%d tasks are open; got %+v", openTasks(d.account), b.Counts)
		}
	})
}

func TestStopOfABatchIsRepeatedWhereARowStartsSlowly(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 14 * time.Second, Skip: 1})
		id := d.runBatch("Seven Hours", 1, 4, `,"wait_seconds":1`).BatchID
		b := d.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if b.Counts != (schemas.BatchCounts{Canceled: 1, Starting: 1, GivenUp: 2}) || b.NextStep == nil || b.NextStep.Tool != "stop_batch" {
			t.Errorf("got %+v, next %+v", b.Counts, b.NextStep)
		}
		b = d.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if b.Counts != (schemas.BatchCounts{Canceled: 2, GivenUp: 2}) || openTasks(d.account) != 0 {
			t.Errorf("%d tasks are open; got %+v", openTasks(d.account), b.Counts)
		}
	})
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

func TestPausedRowOfABatchIsShownAndResumedAlone(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		id := d.account.AddWorkflow(simulator.Workflow{
			Name: "Log In", Inputs: []simulator.Input{{Name: "user", Required: true}},
			Scenario: simulator.Scenario{
				Running: 2 * time.Minute, Credits: 7, Output: simulator.Output{Text: "[]"},
				Steps: []simulator.Step{{Goal: "Open"}, {Goal: "Log in", Human: &simulator.Human{Live: true}}},
			},
		})
		b := d.call(context.Background(), "run_batch", fmt.Sprintf(`{"workflow_id":%q,"rows":[{"user":"a"},{"user":"b"}],"max_parallel":1,"wait_seconds":50}`, id)).batch()
		began := time.Now()
		if b = d.getBatch(b.BatchID, ""); time.Since(began) > 20*time.Second {
			t.Errorf("a wait goes on for %v although a row is paused", time.Since(began))
		}
		row := b.Rows[0]
		if row.Status != "paused" || row.LiveURL == "" || !strings.Contains(b.Summary, "Row 1 waits for a person") || b.Rows[1].Status != "queued" || b.NextStep.Tool != "get_batch" {
			t.Errorf("got %+v", b)
		}
		if began := time.Now(); d.getBatch(b.BatchID, "").Rows[0].Status != "paused" || time.Since(began) < 20*time.Second {
			t.Errorf("a row that was paused before ends the wait after %v", time.Since(began))
		}
		d.call(context.Background(), "resume_task", taskArgument(row.TaskID)).task()
		for range 20 {
			if b = d.getBatch(b.BatchID, ""); b.Rows[1].Status == "paused" {
				break
			}
		}
		if b.Rows[0].Status != "finished" || b.Rows[0].LiveURL != "" || b.Rows[1].Status != "paused" {
			t.Errorf("got %+v", b.Rows)
		}
	})
}

func TestBatchIsWaitedForByNumberOfRows(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		id := d.runBatch("Price Monitor", 1, 6, `,"wait_seconds":0,"max_parallel":2`).BatchID
		for _, step := range []struct {
			waitFor string
			ended   int
		}{{`"any"`, 2}, {`"ANY"`, 4}, {`3`, 4}, {`"5"`, 6}, {`"all"`, 6}, {`100`, 6}} {
			var b schemas.Batch
			for range 3 { // a round takes 63 s
				if b = d.getBatch(id, `,"wait_seconds":50,"wait_for":`+step.waitFor); b.Counts.Finished >= step.ended {
					break
				}
			}
			if b.Counts.Finished != step.ended {
				t.Errorf("wait_for %s ends with %+v, want %d ended", step.waitFor, b.Counts, step.ended)
			}
		}
		for _, wrong := range []string{`"some"`, `0`, `-1`, `1.5`, `true`} {
			if p := d.call(context.Background(), "get_batch", batchArgument(id, `,"wait_for":`+wrong)).problem(); p.Code != "invalid_arguments" {
				t.Errorf("wait_for %s: %+v", wrong, p)
			}
		}
	})
}

func TestBatchTellsAtOnceOfARowThatEndedMeanwhile(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		id := d.runBatch("Price Monitor", 1, 6, `,"wait_seconds":0,"max_parallel":2`).BatchID
		time.Sleep(100 * time.Second)
		for call, waits := range []bool{false, true} {
			began := time.Now()
			d.getBatch(id, `,"wait_for":"any"`)
			if took := time.Since(began); (took > 10*time.Second) != waits {
				t.Errorf("call %d takes %v", call, took)
			}
		}
	})
}

func TestStartWithoutAClearAnswerDoesNotHaltTheBatch(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
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
		d := h.serve(withPolicy(tools.Policy{Mode: tools.BudgetEnforce, MaxRunsPerDay: 5}))
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
		d := h.serve(withPolicy(tools.Policy{Mode: tools.BudgetEnforce, MaxActiveRuns: 2}))
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
		d := h.serve(withPolicy(tools.Policy{Mode: tools.BudgetEnforce, AllowWorkflows: []string{"1"}}))
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

func TestAnswerOfABatchFits(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(body []byte) []byte {
			return []byte(strings.Replace(string(body), "Navigation timeout", strings.Repeat(`\"no\" `, 500), 1))
		}})
		id := d.runBatch("Navigation Timeout", 1, 100, `,"max_parallel":20`).BatchID
		d.toTheEnd(id)
		a := d.call(context.Background(), "get_batch", batchArgument(id, ""))
		if b := a.batch(); b.Counts.Failed != 100 || b.Rows[0].Error == "" || b.Rows[0].Rows != nil {
			t.Errorf("got %+v", b)
		}
		if n := len([]rune(a.Text)); n > 100_000 {
			t.Errorf("%d characters", n)
		}
		t.Logf("%d bytes", len(a.Text))
	})
}

func TestLongAddressesDoNotBreakTheAnswerOfABatch(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		long := []byte("https://live.browseract.example/" + strings.Repeat("x", 6000) + "/")
		d.account.Inject(simulator.Fault{Mutate: func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte("https://live.browseract.example/"), long)
		}})
		id := d.account.AddWorkflow(simulator.Workflow{
			Name: "All Pause", Inputs: []simulator.Input{{Name: "user", Required: true}},
			Scenario: simulator.Scenario{Running: time.Minute, Steps: []simulator.Step{{Goal: "Log in", Human: &simulator.Human{Live: true}}}},
		})
		a := d.call(context.Background(), "run_batch", fmt.Sprintf(`{"workflow_id":%q,"rows":[%s{"user":"0"}],"max_parallel":20}`, id, numbered(19)))
		b := a.batch()
		a = d.call(context.Background(), "get_batch", batchArgument(b.BatchID, ""))
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

func TestAnswerOfABatchHasThePromisedShape(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		b := d.toTheEnd(d.runBatch("Fails Without A Word", 1, 1, "").BatchID)
		credits := int64(70)
		want := schemas.Batch{
			BatchID: b.BatchID, WorkflowID: d.account.Workflow("Fails Without A Word").ID, Total: 1, Done: true,
			Counts: schemas.BatchCounts{Failed: 1}, Credits: 70,
			Summary:  "Of 1 rows: 1 failed. They have used 70 credits.",
			Rows:     []schemas.BatchRow{{Row: 1, TaskID: d.account.Tasks()[0].ID, Status: "failed", Credits: &credits, Error: "BrowserAct tells no reason. The log page may show one."}},
			Warnings: []string{},
		}
		if diff := cmp.Diff(want, b); diff != "" {
			t.Error(diff)
		}
	})
}
