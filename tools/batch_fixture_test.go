package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A house has one ledger, and one server after the other, or several at a time.
type house struct {
	t       *testing.T
	account *simulator.Account
	network *simulator.Server
	path    string
	book    *ledger.Ledger   // the latest handle
	books   []*ledger.Ledger // all that were taken
	open    []*desk
}

// inHouse runs a test in a bubble of time. When it ends all servers are stopped.
func inHouse(t *testing.T, path string, f func(t *testing.T, h *house), opts ...simulator.Option) {
	t.Helper()
	t.Parallel()
	if path != ledger.InMemory {
		path = filepath.Join(t.TempDir(), path)
	}
	synctest.Test(t, func(t *testing.T) {
		account := simulator.New(opts...)
		h := &house{t: t, account: account, network: account.Start(), path: path}
		t.Cleanup(h.network.Close)
		h.reopen()
		f(t, h)
		for _, d := range h.open {
			h.stop(d)
		}
		for _, book := range h.books {
			_ = book.Close()
		}
		time.Sleep(time.Minute)
	})
}

// reopen takes another handle of the ledger, as a new process does.
func (h *house) reopen() {
	h.t.Helper()
	var err error
	if h.book, err = ledger.Open(h.path); err != nil {
		h.t.Fatal(err)
	}
	h.books = append(h.books, h.book)
}

// serve starts a server with the batch tools.
func (h *house) serve(opts ...deskOption) *desk {
	h.t.Helper()
	usual := func(cfg *tools.Config) { cfg.Toolsets, cfg.Ledger = []string{"batch"}, h.book }
	d := newDeskOn(h.t, &desk{account: h.account, network: h.network}, append([]deskOption{usual}, opts...)...)
	h.open = append(h.open, d)
	return d
}

// stop ends a server as it ends: waits end, starts in flight are seen through.
func (h *house) stop(d *desk) {
	if i := slices.Index(h.open, d); i >= 0 {
		h.open = slices.Delete(slices.Clone(h.open), i, i+1)
		close(d.closing)
		d.client.DrainStarts(context.Background())
	}
}

// batchBubble is inHouse with one server and a ledger in memory.
func batchBubble(t *testing.T, f func(t *testing.T, d *desk), opts ...simulator.Option) {
	t.Helper()
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) { f(t, h.serve()) }, opts...)
}

// batchArguments asks for rows first to last of a workflow that takes one input.
func (d *desk) batchArguments(workflow string, first, last int, more string) string {
	var rows []string
	for n := first; n <= last; n++ {
		rows = append(rows, d.rowOf(workflow, n))
	}
	return fmt.Sprintf(`{"workflow_id":%q,"rows":[%s]%s}`, d.account.Workflow(workflow).ID, strings.Join(rows, ","), more)
}

// rowOf is the inputs of one row; those of a workflow without inputs are the same.
func (d *desk) rowOf(workflow string, n int) string {
	inputs := d.account.Workflow(workflow).Inputs
	if len(inputs) == 0 {
		return "{}"
	}
	return fmt.Sprintf(`{%q:"https://shop.example/%d"}`, inputs[0].Name, n)
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

// toTheEnd follows a batch, and goes on with it, until it is done.
func (d *desk) toTheEnd(id string) schemas.Batch {
	d.t.Helper()
	for range 1000 {
		if b := d.getBatch(id, `,"continue":true`); b.Done {
			return b
		}
	}
	d.t.Fatal("the batch never ends")
	return schemas.Batch{}
}

// openTasks returns how many tasks of the account have not ended.
func openTasks(account *simulator.Account) int {
	n := 0
	for _, task := range account.Tasks() {
		if !slices.Contains([]string{"finished", "failed", "canceled"}, task.Status) {
			n++
		}
	}
	return n
}

// holdOneTaskARow holds that no row was paid for twice.
func (d *desk) holdOneTaskARow() {
	d.t.Helper()
	seen := map[string]bool{}
	for _, task := range d.account.Tasks() {
		inputs := fmt.Sprint(task.Inputs)
		if seen[inputs] {
			d.t.Errorf("two tasks with the inputs %s", inputs)
		}
		seen[inputs] = true
	}
}
