package tools_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// callOfChoice has a call for each tool that a deployment has to ask for.
var choiceCalls = map[string]func(srv *testServer) string{
	"compare_tasks": func(srv *testServer) string {
		return fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q}`, srv.finishedTask("Price Monitor"), srv.finishedTask("CSV Export"))
	},
	"save_task_output": func(srv *testServer) string { return taskArgument(srv.finishedTask("Price Monitor")) },
	"run_batch":        func(srv *testServer) string { return srv.batchArguments("Price Monitor", 1, 3, `,"wait_seconds":25`) },
	"get_batch": func(srv *testServer) string {
		return batchArgument(srv.runBatch("Never Ends", 1, 3, `,"wait_seconds":0`).BatchID, `,"wait_seconds":25`)
	},
	"stop_batch": func(srv *testServer) string {
		return batchArgument(srv.runBatch("Never Ends", 1, 3, `,"wait_seconds":0`).BatchID, "")
	},
}

func TestOptionalToolsAnswerInTimeUnderAPIFaults(t *testing.T) {
	for name, fault := range apiFaults {
		for tool, arguments := range choiceCalls {
			for _, from := range []int{0, 1} { // from the first request on, and from the second
				t.Run(fmt.Sprintf("%s/%s/%d", name, tool, from), func(t *testing.T) {
					skipInRace(t)
					folder := download.NewFolder(t.TempDir())
					runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
						srv := dep.serve(everything, func(cfg *tools.Config) { cfg.Downloads = folder })
						asked := arguments(srv)
						time.Sleep(2 * time.Minute) // the definitions are forgotten
						fault := fault
						fault.Skip = from
						restore := srv.account.Inject(fault)
						began := time.Now()
						a := srv.call(withProgressToken(context.Background()), tool, asked)
						if took := time.Since(began); took > 28*time.Second {
							t.Errorf("answered after %v", took)
						}
						checkAnswer(t, srv, a)
						restore()
					})
				})
			}
		}
	}
}
