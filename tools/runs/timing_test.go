package runs

import (
	"context"
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
	lease := leaseOfStarts(t)
	absence := ledger.Absence{Searches: 1}.Remaining()
	for name, f := range map[string]struct{ shorter, longer time.Duration }{
		"a call that starts a run has the time of a start":                {browseract.StartTimeout, call.ForStart},
		"a call has no more time for a start than a start may take":       {call.ForStart, browseract.StartTimeout},
		"a lease outlasts the read of the account and the start after it": {call.ForDefinition + browseract.StartTimeout, lease},
		"a lease outlasts a search":                                       {searchTime, lease},
		"a killed holder's task is searched for before its lease ends":    {2 * lockGrace, lease},
		"a call that may start a run has time for a search":               {searchTime, call.ForStart},
		"a search has time for three lists":                               {searchInterval + 2*searchInterval, searchTime},
		"absence is proven only when each list shows the task":            {maxListDelay, absence},
		"a task that is not shown yet is not taken for deleted":           {2 * maxListDelay, goneAfter},
		"a task that is created late is not ruled out":                    {maxCreateDelay + clockTolerance, maxClockError},
		"times a zone apart are told from clocks that differ":             {maxClockError + maxCreateDelay + 2*clockTolerance, zoneStep},
		"lists go back as far as a run lasts in any zone":                 {ledger.MaxRun + maxZone, listedFor},
		"an unreported end counts longer than a list may hide its task":   {2 * maxListDelay, ledger.UnreportedFor},
		"a start is asked for again within its lease":                     {startRetryAfter, lease},
		"a stopping server reads a task in less than a call's last read":  {closingGrace, call.LastRead},
	} {
		if f.shorter > f.longer {
			t.Errorf("%s: %v is longer than %v", name, f.shorter, f.longer)
		}
	}
}

// leaseOfStarts measures, to a second and up to five minutes, how long the ledger leaves
// a start to the call that began it.
func leaseOfStarts(t *testing.T) (lease time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, err := ledger.Open(ledger.InMemory)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		start := ledger.Start{Caller: "caller", Kind: Workflow, TargetID: "1", Fingerprint: "f"}
		for began := time.Now(); time.Since(began) < 5*time.Minute; time.Sleep(time.Second) {
			c, err := l.Begin(context.Background(), start)
			if err != nil {
				t.Fatal(err)
			}
			if lease = time.Since(began); c.Outcome == ledger.Pending && !c.Run.Leased {
				return
			}
		}
	})
	return lease
}
