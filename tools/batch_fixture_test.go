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

// A deployment has one ledger, and servers one after the other or at the same time.
type deployment struct {
	t       *testing.T
	account *simulator.Account
	network *simulator.Server
	path    string
	book    *ledger.Ledger   // the latest handle
	books   []*ledger.Ledger // all that were taken
	open    []*testServer
}

// runDeployment runs a test in a synctest bubble, and stops all servers when it ends.
func runDeployment(t *testing.T, path string, f func(t *testing.T, dep *deployment), opts ...simulator.Option) {
	t.Helper()
	t.Parallel()
	if path != ledger.InMemory {
		path = filepath.Join(t.TempDir(), path)
	}
	synctest.Test(t, func(t *testing.T) {
		account := newAccount(opts...)
		dep := &deployment{t: t, account: account, network: account.Start(), path: path}
		t.Cleanup(dep.network.Close)
		dep.reopen()
		f(t, dep)
		for _, srv := range dep.open {
			dep.stop(srv)
		}
		for _, book := range dep.books {
			_ = book.Close()
		}
		time.Sleep(time.Minute)
	})
}

// reopen takes another handle of the ledger, as a new process does.
func (dep *deployment) reopen() {
	dep.t.Helper()
	var err error
	if dep.book, err = ledger.Open(dep.path); err != nil {
		dep.t.Fatal(err)
	}
	dep.books = append(dep.books, dep.book)
}

// serve starts a server with the batch tools.
func (dep *deployment) serve(opts ...serverOption) *testServer {
	dep.t.Helper()
	usual := func(cfg *tools.Config) { cfg.Toolsets, cfg.Ledger = []string{"batch"}, dep.book }
	srv := newServerOn(dep.t, &testServer{account: dep.account, network: dep.network}, append([]serverOption{usual}, opts...)...)
	dep.open = append(dep.open, srv)
	return srv
}

// stop stops a server: its waits end, and its starts in progress are finished.
func (dep *deployment) stop(srv *testServer) {
	if i := slices.Index(dep.open, srv); i >= 0 {
		dep.open = slices.Delete(slices.Clone(dep.open), i, i+1)
		close(srv.closing)
		srv.client.DrainStarts(context.Background())
	}
}

// runBatchSynctest is runDeployment with one server and a ledger in memory.
func runBatchSynctest(t *testing.T, f func(t *testing.T, srv *testServer), opts ...simulator.Option) {
	t.Helper()
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) { f(t, dep.serve()) }, opts...)
}

// batchArguments asks for rows first to last of a workflow that takes one input.
func (srv *testServer) batchArguments(workflow string, first, last int, more string) string {
	var rows []string
	for n := first; n <= last; n++ {
		rows = append(rows, srv.rowOf(workflow, n))
	}
	return fmt.Sprintf(`{"workflow_id":%q,"rows":[%s]%s}`, srv.account.Workflow(workflow).ID, strings.Join(rows, ","), more)
}

// rowOf is the inputs of one row; those of a workflow without inputs are the same.
func (srv *testServer) rowOf(workflow string, n int) string {
	inputs := srv.account.Workflow(workflow).Inputs
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
func (srv *testServer) runBatch(workflow string, first, last int, more string) schemas.Batch {
	srv.t.Helper()
	return srv.call(context.Background(), "run_batch", srv.batchArguments(workflow, first, last, more)).batch()
}

func (srv *testServer) getBatch(id, more string) schemas.Batch {
	srv.t.Helper()
	return srv.call(context.Background(), "get_batch", batchArgument(id, more)).batch()
}

// finishBatch calls get_batch with continue until the batch is done.
func (srv *testServer) finishBatch(id string) schemas.Batch {
	srv.t.Helper()
	for range 1000 {
		if b := srv.getBatch(id, `,"continue":true`); b.Done {
			return b
		}
	}
	srv.t.Fatal("the batch never ends")
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

// checkOneTaskPerRow fails the test if a row was paid for twice.
func (srv *testServer) checkOneTaskPerRow() {
	srv.t.Helper()
	seen := map[string]bool{}
	for _, task := range srv.account.Tasks() {
		inputs := fmt.Sprint(task.Inputs)
		if seen[inputs] {
			srv.t.Errorf("two tasks with the inputs %s", inputs)
		}
		seen[inputs] = true
	}
}
