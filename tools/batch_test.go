package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

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
		if soon := d.runBatch("Price Monitor", 1, 4, ""); !soon.Deduplicated || soon.BatchID != first.BatchID {
			t.Errorf("right after its end the batch answers with %+v", soon)
		}
		time.Sleep(2 * time.Minute)
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
