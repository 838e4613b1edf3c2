package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestBatchProceedsWithoutAWaitingCall(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.runBatch("Price Monitor", 1, 10, `,"wait_seconds":0,"max_parallel":2`).BatchID
		time.Sleep(10 * time.Minute)
		if n := openTasks(srv.account); len(srv.account.Tasks()) != 10 || n != 0 {
			t.Errorf("%d tasks, %d of them open", len(srv.account.Tasks()), n)
		}
		if b := srv.getBatch(id, `,"wait_seconds":0`); !b.Done || b.Counts.Finished != 10 || b.NextStep.Tool != "get_task_output" {
			t.Errorf("got %+v", b)
		}
	})
}

func TestIdenticalBatchRowsShareOneRun(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		w := srv.account.Workflow("Price Monitor")
		one, two := srv.rowOf(w.Name, 1), srv.rowOf(w.Name, 2)
		arguments := fmt.Sprintf(`{"workflow_id":%q,"rows":[%s,%s,%s]`, w.ID, one, two, one)
		b := srv.finishBatch(srv.call(context.Background(), "run_batch", arguments+"}").batch().BatchID)
		if b.Counts.Finished != 3 || b.Rows[2].SameAs != 1 || b.Rows[2].TaskID != b.Rows[0].TaskID || len(srv.account.Tasks()) != 2 || b.Credits != 60 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b)
		}
		b = srv.finishBatch(srv.call(context.Background(), "run_batch", arguments+`,"allow_duplicate":true}`).batch().BatchID)
		if b.Rows[2].SameAs != 0 || len(srv.account.Tasks()) != 5 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b)
		}
	})
}

func TestInvalidBatchRowsAreNamedAndNothingStarts(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		workflow, template := srv.account.Workflow("Price Monitor").ID, googleMaps
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
			if p := srv.call(context.Background(), "run_batch", tt.arguments).problem(); p.Code != tt.code || !strings.Contains(p.Message, tt.says) {
				t.Errorf("%s: got %s: %s", tt.arguments, p.Code, p.Message)
			}
		}
		if n := posts(srv.account); n != 0 {
			t.Errorf("%d runs were asked for", n)
		}
	})
}

func TestBatchRunsTemplates(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := `{"template_id":"` + googleMaps + `","region":"uk","rows":"[{\"keywords\":\"tea\"},[{\"name\":\"keywords\",\"value\":\"coffee\"}]]"}`
		b := srv.finishBatch(srv.call(context.Background(), "run_batch", arguments).batch().BatchID)
		if b.TemplateID != googleMaps || b.WorkflowID != "" || b.Counts.Finished != 2 {
			t.Errorf("got %+v", b)
		}
		for _, task := range srv.account.Tasks() {
			if task.Region != "UK" {
				t.Errorf("a run in %s", task.Region)
			}
		}
	})
}

func TestIdenticalBatchIsDeduplicated(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		first := srv.runBatch("Price Monitor", 1, 4, "")
		again := srv.runBatch("Price Monitor", 1, 4, "")
		if first.Deduplicated || !again.Deduplicated || again.BatchID != first.BatchID {
			t.Errorf("got %s, then %s", first.BatchID, again.BatchID)
		}
		srv.finishBatch(first.BatchID)
		if soon := srv.runBatch("Price Monitor", 1, 4, ""); !soon.Deduplicated || soon.BatchID != first.BatchID {
			t.Errorf("right after its end the batch answers with %+v", soon)
		}
		time.Sleep(2 * time.Minute)
		if other := srv.runBatch("Price Monitor", 1, 5, ""); other.BatchID == first.BatchID {
			t.Error("other rows are taken for the same batch")
		}
		if n := len(srv.account.Tasks()); n != 9 {
			t.Errorf("%d tasks", n) // the end of the first four was reported
		}
		if later := srv.runBatch("Price Monitor", 1, 4, ""); later.Deduplicated || later.BatchID == first.BatchID {
			t.Errorf("a batch whose end was reported answers with %+v", later)
		}
	})
}

func TestIdempotencyKeyReturnsItsBatchForADay(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		key := `,"idempotency_key":"monday"`
		id := srv.runBatch("Price Monitor", 1, 2, key).BatchID
		srv.finishBatch(id)
		time.Sleep(20 * time.Hour)
		if b := srv.runBatch("Price Monitor", 1, 2, key); b.BatchID != id || !b.Deduplicated || !b.Done {
			t.Errorf("got %+v", b)
		}
		p := srv.call(context.Background(), "run_batch", srv.batchArguments("Price Monitor", 1, 3, key)).problem()
		if p.Code != "idempotency_key_reused" || p.NextStep == nil {
			t.Errorf("got %+v", p)
		}
		time.Sleep(5 * time.Hour)
		if b := srv.runBatch("Price Monitor", 1, 2, key); b.BatchID == id {
			t.Error("the key answers after a day")
		}
	})
}

func TestBatchIsReturnedAfterClientTimeouts(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 4 * time.Second})
		for range 9 {
			ctx, cancel := cancelled(5 * time.Second)
			srv.call(ctx, "run_batch", srv.batchArguments("Price Monitor", 1, 8, ""))
			cancel()
		}
		b := srv.finishBatch(srv.runBatch("Price Monitor", 1, 8, "").BatchID)
		if b.Counts.Finished != 8 || len(srv.account.Tasks()) != 8 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b.Counts)
		}
	})
}
