package cli_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// TestMuchMemoryIsCollectedOften is alone with its process's memory: it runs before
// those that are parallel.
func TestMuchMemoryIsCollectedOften(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	cli.KeepMemoryLow()
	if got := percentAfterCollections(0); got != 200 {
		t.Errorf("with little in use: %d %%, want 200 %%", got)
	}
	much := make([]byte, 64<<20)
	few := percentAfterCollections(200)
	if few > 14 {
		t.Errorf("with much in use: %d %%, want 14 %% at most", few)
	}
	runtime.KeepAlive(much)
	if got := percentAfterCollections(few); got != 200 {
		t.Errorf("with little again: %d %%, want 200 %%", got)
	}
}

// percentAfterCollections collects until the percentage is another than was, or it
// stays; finalizers run some time after a collection.
func percentAfterCollections(was int) int {
	now := was
	for range 100 {
		runtime.GC()
		runtime.Gosched()
		now = debug.SetGCPercent(was)
		debug.SetGCPercent(now)
		if now != was {
			break
		}
	}
	return now
}
