package batch

import (
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestLookToldAfterTheEndOfARowDoesNotReopenIt(t *testing.T) {
	t.Parallel()
	r := row{Row: ledger.Row{State: ledger.RowStarted}, status: browseract.TaskRunning}
	if !r.merge(look(browseract.TaskCanceled)) || !r.ended() {
		t.Fatalf("got %+v", r)
	}
	if r.merge(look(browseract.TaskRunning)) || r.status != browseract.TaskCanceled || !r.polled {
		t.Errorf("got %+v", r)
	}
}

func look(status browseract.TaskStatus) browseract.Task {
	return browseract.Task{TaskSummary: browseract.TaskSummary{Status: status}}
}
