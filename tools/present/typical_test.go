package present

import (
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestEstimateIsSaidAsAPersonSaysIt(t *testing.T) {
	t.Parallel()
	spread := func(low, high time.Duration) ledger.Spread[time.Duration] {
		return ledger.Spread[time.Duration]{Runs: 7, Low: low, Median: low, High: high}
	}
	credits := ledger.Spread[int64]{Runs: 7, Low: 30, Median: 32, High: 33}
	for _, f := range []struct {
		typical ledger.Typical
		want    string
	}{
		{ledger.Typical{Duration: spread(4*time.Minute, 6*time.Minute), Credits: credits}, "typically 4–6 min, 30–33 credits (7 runs)"},
		{ledger.Typical{Duration: spread(80*time.Second, 100*time.Second), Credits: credits}, "typically 80–100 s, 30–33 credits (7 runs)"},
		{ledger.Typical{Duration: spread(45*time.Second, 150*time.Second)}, "typically 1–3 min (7 runs)"},
		{ledger.Typical{Duration: spread(90*time.Minute, 3*time.Hour)}, "typically 2–3 h (7 runs)"},
		{ledger.Typical{Duration: spread(5*time.Minute, 5*time.Minute+10*time.Second)}, "typically 5 min (7 runs)"},
		{ledger.Typical{Duration: spread(time.Minute, time.Minute), Credits: ledger.Spread[int64]{Runs: 2, Low: 1, High: 9}}, "typically 60 s (7 runs)"},
		{ledger.Typical{Duration: ledger.Spread[time.Duration]{Runs: 2, Low: time.Minute, High: time.Minute}, Credits: credits}, ""},
		{ledger.Typical{}, ""},
	} {
		if got := Typical(f.typical); got != f.want {
			t.Errorf("got %q, want %q", got, f.want)
		}
	}
}
