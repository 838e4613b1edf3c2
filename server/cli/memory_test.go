package cli_test

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// TestMuchMemoryIsCollectedOften has a process of its own, with its memory.
func TestMuchMemoryIsCollectedOften(t *testing.T) {
	t.Parallel()
	const alone = "BROWSERACT_MCP_TEST_ALONE"
	if os.Getenv(alone) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
		cmd.Env = append(os.Environ(), alone+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	cli.KeepMemoryLow()
	if got := percentAfterCollections(0); got != 200 {
		t.Errorf("with little in use: %d %%, want 200 %%", got)
	}
	much := make([]byte, 64<<20)
	few := percentAfterCollections(200)
	if few > 8 {
		t.Errorf("with much in use: %d %%, want 8 %% at most", few)
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
