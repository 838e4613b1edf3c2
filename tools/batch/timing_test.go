package batch

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// Durations of several packages have to fit each other. None may be changed alone.
func TestDurationsFit(t *testing.T) {
	t.Parallel()
	lease := leaseOfRows(t)
	shortestCall := call.ForDefinition + call.ForStart
	for name, f := range map[string]struct{ shorter, longer time.Duration }{
		"a claimed row is the worker's until its start is over":      {maxStartTime + 10*time.Second, lease},
		"a row's start has time to read the account and to be sent":  {2*call.ForDefinition + browseract.StartTimeout, maxStartTime},
		"a key answers with its batch as long as with a run":         {ledger.Day, keyLife},
		"a call has time for the definition, a poll and a last read": {call.ForDefinition + firstPoll + call.LastRead, shortestCall},
		"a stop has time for its rows, their tasks and a last read":  {maxSettleTime + 2*call.LastRead, shortestCall},
		"a start is tried again later than the ledger is read":       {refreshInterval, minBackoff},
		"a back-off ends": {minBackoff, maxBackoff},
		"an ambiguous row is searched for less often than one is read": {refreshInterval, searchInterval},
		"rows that run are polled more often than rows that wait":      {pollAfter, pausedPollAfter},
	} {
		if f.shorter > f.longer {
			t.Errorf("%s: %v is longer than %v", name, f.shorter, f.longer)
		}
	}
}

// leaseOfRows measures, to a second and up to five minutes, how long the ledger leaves a
// claimed row to its worker.
func leaseOfRows(t *testing.T) (lease time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, err := ledger.Open(ledger.InMemory)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx := context.Background()
		err = l.NewBatch(ctx, ledger.Batch{ID: "b", Caller: "caller", Kind: ledger.Workflow, TargetID: "1", Settings: json.RawMessage("{}"), Rows: []ledger.Row{{Inputs: json.RawMessage("[]")}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, found, err := l.ClaimRow(ctx, "caller", "b"); err != nil || !found {
			t.Fatalf("no row was claimed: %v", err)
		}
		for began := time.Now(); time.Since(began) < 5*time.Minute; time.Sleep(time.Second) {
			lease = time.Since(began)
			if _, again, err := l.ClaimRow(ctx, "caller", "b"); err != nil || again {
				return
			}
		}
	})
	return lease
}
