package cli_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// TestMuchMemoryIsCollectedOften changes the process that it runs in, so it is not
// parallel.
func TestMuchMemoryIsCollectedOften(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	cli.TuneGC(environment{"GOGC": "50"}.get)
	if got := percentAfterCollections(50); got != 100 {
		t.Errorf("with GOGC set: %d %%, want what it was, 100 %%", got)
	}
	cli.TuneGC(environment{}.get)
	if got := percentAfterCollections(0); got != 200 {
		t.Errorf("with little in use: %d %%, want 200 %%", got)
	}
	much := make([]byte, 64<<20)
	few := percentAfterCollections(200)
	if few < 20 || few > 26 {
		t.Errorf("with much in use: %d %%, want about 25 %%", few)
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
