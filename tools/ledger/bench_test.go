package ledger_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func BenchmarkBegin(b *testing.B) {
	for name, path := range map[string]string{"memory": ledger.InMemory, "file": filepath.Join(b.TempDir(), "ledger.db")} {
		b.Run(name, func(b *testing.B) {
			l, err := ledger.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			start := aStart()
			start.Limits = ledger.Limits{RunsPerDay: 1 << 30, ActiveRuns: 1 << 30, CreditsPerDay: 1 << 60}
			start.IdempotencyKey = "x"
			n := 0
			for b.Loop() {
				n++
				start.Fingerprint, start.IdempotencyKey = strconv.Itoa(n), strconv.Itoa(n)
				claim, err := l.Begin(b.Context(), start)
				if err != nil {
					b.Fatal(err)
				}
				if err := l.Settle(b.Context(), claim.Run.ID, ledger.Settlement{State: ledger.Refused}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
