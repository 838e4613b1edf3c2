package tools

import (
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestLookToldAfterTheEndOfARowDoesNotReopenIt(t *testing.T) {
	t.Parallel()
	r := rowSight{Row: ledger.Row{State: ledger.RowStarted}, status: browseract.TaskRunning}
	if !r.take(look(browseract.TaskCanceled)) || !r.ended() {
		t.Fatalf("got %+v", r)
	}
	if r.take(look(browseract.TaskRunning)) || r.status != browseract.TaskCanceled || !r.looked {
		t.Errorf("got %+v", r)
	}
}

func look(status browseract.TaskStatus) browseract.Task {
	return browseract.Task{TaskSummary: browseract.TaskSummary{Status: status}}
}
