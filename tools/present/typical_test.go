package present

import (
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/runs"
)

func TestFewRunsGiveNoEstimate(t *testing.T) {
	t.Parallel()
	few := runs.Typical{
		Duration: ledger.Spread[time.Duration]{Runs: runs.MinRuns - 1, Low: time.Minute, High: time.Minute},
		Credits:  ledger.Spread[int64]{Runs: 7, Low: 1, High: 9},
	}
	for _, typical := range []runs.Typical{few, {}} {
		if got := Typical(typical); got != "" {
			t.Errorf("got %q", got)
		}
	}
}
