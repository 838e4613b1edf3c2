package ledger_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// BenchmarkBegin is what a start costs that looks at everything: its key, the
// guard and all limits, for a caller with up to 50 runs on that day, in a ledger
// that grows.
func BenchmarkBegin(b *testing.B) {
	for name, path := range map[string]string{"memory": ledger.InMemory, "file": filepath.Join(b.TempDir(), "ledger.db")} {
		b.Run(name, func(b *testing.B) {
			l, err := ledger.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			if err := l.Check(b.Context()); err != nil {
				b.Fatal(err)
			}
			start := aStart(limited(ledger.Limits{RunsPerDay: 100, ActiveRuns: 100, CreditsPerDay: 1e9}))
			n := 0
			for b.Loop() {
				start.Caller, start.Fingerprint, start.IdempotencyKey = fmt.Sprint(n/50), fmt.Sprint(n), fmt.Sprint(n)
				claim, err := l.Begin(b.Context(), start)
				if err != nil || claim.Outcome != ledger.Claimed {
					b.Fatal(claim.Outcome, err)
				}
				n++
			}
		})
	}
}
