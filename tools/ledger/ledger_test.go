package ledger_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// places are where a ledger can be kept; what holds for one holds for all.
func places(t *testing.T, test func(t *testing.T, path string)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { t.Parallel(); test(t, ledger.InMemory) })
	t.Run("file", func(t *testing.T) { t.Parallel(); test(t, filepath.Join(t.TempDir(), "state", "ledger.db")) })
}

func open(t *testing.T, path string, opts ...ledger.Option) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func aStart() ledger.Start {
	return ledger.Start{
		Caller: ledger.HashCaller("app-key"), Kind: ledger.Workflow, TargetID: "7001", Fingerprint: "f1",
		InputShapes: []string{"s1", "s2"}, Assume: 100,
	}
}

func TestOfManyIdenticalStartsOneIsClaimed(t *testing.T) {
	t.Parallel()
	places(t, func(t *testing.T, path string) {
		l := open(t, path)
		var claimed, pending atomic.Int32
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				claim, err := l.Begin(t.Context(), aStart())
				if err != nil {
					t.Error(err)
				}
				switch claim.Outcome {
				case ledger.Claimed:
					claimed.Add(1)
				case ledger.Pending:
					pending.Add(1)
				}
			})
		}
		wg.Wait()
		if claimed.Load() != 1 || pending.Load() != 199 {
			t.Errorf("got %d claimed and %d pending, want 1 and 199", claimed.Load(), pending.Load())
		}
	})
}
