package batch

import (
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestLateReadDoesNotReopenARowThatEnded(t *testing.T) {
	t.Parallel()
	r := row{Row: ledger.Row{State: ledger.RowStarted}, status: browseract.TaskRunning}
	if !r.merge(taskIn(browseract.TaskCanceled)) || !r.ended() {
		t.Fatalf("got %+v", r)
	}
	if r.merge(taskIn(browseract.TaskRunning)) || r.status != browseract.TaskCanceled || !r.polled {
		t.Errorf("got %+v", r)
	}
}

func taskIn(status browseract.TaskStatus) browseract.Task {
	return browseract.Task{TaskSummary: browseract.TaskSummary{Status: status}}
}
