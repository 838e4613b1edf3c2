package ledger_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestDamageIsNeverAPanic(t *testing.T) {
	t.Parallel()
	whole := filePath(t)
	aLedger(t, whole)
	sound := contents(t, whole)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		damaged := bytes.Clone(sound)
		for range 1 + random.IntN(40) {
			damaged[random.IntN(len(damaged))] = byte(random.Uint32())
		}
		path := filePath(t)
		writes(string(damaged))(t, path)
		l := open(t, path)
		_, begun := l.Begin(t.Context(), aStart(key("k")))
		_, _, listed := list(t, l, me, ledger.Filter{}, 1, 100)
		observed := l.Observe(t.Context(), me, "7", ledger.Observation{Status: "finished"})
		for _, err := range []error{begun, listed, observed} {
			if err != nil && !errors.Is(err, ledger.ErrUnavailable) {
				t.Errorf("seed %d: got %v, want ErrUnavailable", seed, err)
			}
		}
	}
}
