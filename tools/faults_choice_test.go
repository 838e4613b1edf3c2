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
var callOfChoice = map[string]func(d *desk) string{
	"compare_tasks": func(d *desk) string {
		return fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q}`, d.ended("Price Monitor"), d.ended("CSV Export"))
	},
	"save_task_output": func(d *desk) string { return taskArgument(d.ended("Price Monitor")) },
	"run_batch":        func(d *desk) string { return d.batchArguments("Price Monitor", 1, 3, `,"wait_seconds":25`) },
	"get_batch": func(d *desk) string {
		return batchArgument(d.runBatch("Never Ends", 1, 3, `,"wait_seconds":0`).BatchID, `,"wait_seconds":25`)
	},
	"stop_batch": func(d *desk) string {
		return batchArgument(d.runBatch("Never Ends", 1, 3, `,"wait_seconds":0`).BatchID, "")
	},
}

func TestToolsOfChoiceAnswerWithinTheirTimeWhateverTheAPIDoes(t *testing.T) {
	for name, fault := range misbehaviours {
		for tool, arguments := range callOfChoice {
			for _, from := range []int{0, 1} { // from the first request on, and from the second
				t.Run(fmt.Sprintf("%s/%s/%d", name, tool, from), func(t *testing.T) {
					folder := download.NewFolder(t.TempDir())
					inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
						d := h.serve(everything, func(cfg *tools.Config) { cfg.Downloads = folder })
						asked := arguments(d)
						time.Sleep(2 * time.Minute) // the definitions are forgotten
						fault := fault
						fault.Skip = from
						restore := d.account.Inject(fault)
						began := time.Now()
						a := d.call(withToken(context.Background()), tool, asked)
						if took := time.Since(began); took > 28*time.Second {
							t.Errorf("answered after %v", took)
						}
						checkAnswer(t, d, a)
						restore()
					})
				})
			}
		}
	}
}
