package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func withBatches(cfg *tools.Config) { cfg.Toolsets = []string{"batch"} }

// batchBubble is bubble with the batch tools, whose crews end with the test.
func batchBubble(t *testing.T, f func(t *testing.T, d *desk), opts ...simulator.Option) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, simulator.New(opts...), withBatches)
		f(t, d)
		d.shutDown()
		time.Sleep(time.Minute)
	})
}

// shutDown ends the desk as a server ends: waits end, starts in flight are seen
// through.
func (d *desk) shutDown() {
	close(d.closing)
	d.client.DrainStarts(context.Background())
}

// batchArguments asks for rows from first to last of a workflow that takes one
// input.
func (d *desk) batchArguments(workflow string, first, last int, more string) string {
	w := d.account.Workflow(workflow)
	var rows []string
	for n := first; n <= last; n++ {
		rows = append(rows, fmt.Sprintf(`{%q:"https://shop.example/%d"}`, w.Inputs[0].Name, n))
	}
	return fmt.Sprintf(`{"workflow_id":%q,"rows":[%s]%s}`, w.ID, strings.Join(rows, ","), more)
}

func batchArgument(id, more string) string { return fmt.Sprintf(`{"batch_id":%q%s}`, id, more) }

// batch decodes a result that has to be a batch.
func (a answer) batch() schemas.Batch {
	a.t.Helper()
	var b schemas.Batch
	if a.IsError || a.RPCError != "" {
		a.t.Fatalf("got an error: %s%s", a.Text, a.RPCError)
	}
	if err := json.Unmarshal([]byte(a.Text), &b); err != nil {
		a.t.Fatalf("%v in %s", err, a.Text)
	}
	return b
}

// runBatch runs rows first to last of a workflow.
func (d *desk) runBatch(workflow string, first, last int, more string) schemas.Batch {
	d.t.Helper()
	return d.call(context.Background(), "run_batch", d.batchArguments(workflow, first, last, more)).batch()
}

func (d *desk) getBatch(id, more string) schemas.Batch {
	d.t.Helper()
	return d.call(context.Background(), "get_batch", batchArgument(id, more)).batch()
}

// toTheEnd follows a batch until it is done.
func (d *desk) toTheEnd(id string) schemas.Batch {
	d.t.Helper()
	for range 1000 {
		if b := d.getBatch(id, ""); b.Done {
			return b
		}
	}
	d.t.Fatal("the batch never ends")
	return schemas.Batch{}
}

func openTasks(account *simulator.Account) int {
	n := 0
	for _, task := range account.Tasks() {
		switch task.Status {
		case "finished", "failed", "canceled":
		default:
			n++
		}
	}
	return n
}

func TestBatchOfAHundredRowsKeepsToTheAccountsLimit(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		began := time.Now()
		b := d.runBatch("Price Monitor", 1, 100, `,"max_parallel":20`)
		if b.BatchID == "" || b.Total != 100 || len(b.Rows) != 100 || b.Done {
			t.Fatalf("got %+v", b)
		}
		most := 0
		for !b.Done {
			most = max(most, openTasks(d.account))
			b = d.getBatch(b.BatchID, "")
		}
		if b.Counts != (schemas.BatchCounts{Finished: 100}) || b.Credits != 3000 {
			t.Errorf("got %+v, %d credits", b.Counts, b.Credits)
		}
		if most != 3 || len(d.account.Tasks()) != 100 {
			t.Errorf("%d open at a time, %d tasks in all", most, len(d.account.Tasks()))
		}
		for i, row := range b.Rows {
			if row.Row != i+1 || row.TaskID == "" || row.Rows == nil || *row.Rows != 8 || *row.Credits != 30 || row.Error != "" {
				t.Fatalf("row %d is %+v", i+1, row)
			}
		}
		t.Logf("%v, %d requests, %d refused starts: %s", time.Since(began), len(d.account.Requests()), posts(d.account)-100, b.Summary)
	}, simulator.WithConcurrency(3))
}

var _ = ledger.InMemory
