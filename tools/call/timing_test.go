package call

import (
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// Durations have to fit each other. None may be changed alone.
func TestDurationsFit(t *testing.T) {
	t.Parallel()
	type pair struct{ shorter, longer time.Duration }
	facts := map[string]pair{
		"the shortest call is a definition and a start":                  {ForDefinition + ForStart, minBudget},
		"a call without a start has time for two reads":                  {2 * ForDefinition, minBudget},
		"the last read is shorter than another read":                     {LastRead, ForDefinition},
		"a question is asked only with time for its answer":              {minAsk, maxAsk},
		"a question fits into the shortest call":                         {minAsk + LastRead, minBudget},
		"a task is remembered for longer than it can run":                {ledger.MaxRun, historyLife},
		"a client that gives up early still gets a wait":                 {LastRead / 2, maxWait(minClientTimeout)},
		"a heartbeat comes after the shortest interval between messages": {minProgressInterval, progressHeartbeat},
		"a heartbeat comes twice in the shortest call":                   {2 * progressHeartbeat, minBudget},
	}
	for _, client := range KnownClients() {
		facts[client.Name+" is not taken for a user who cancels"] = pair{minClientTimeout, client.Timeout}
		facts[client.Name+" gets its answer a second before its timeout"] = pair{responseBudget(client.Timeout) + time.Second, client.Timeout}
	}
	for name, f := range facts {
		if f.shorter > f.longer {
			t.Errorf("%s: %v is longer than %v", name, f.shorter, f.longer)
		}
	}
}
