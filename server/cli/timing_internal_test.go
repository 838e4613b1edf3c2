package cli

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/server/rpc"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// The packages that these come from do not know each other.
func TestDurationsOfPackagesFitEachOther(t *testing.T) {
	t.Parallel()
	for what, d := range map[string]struct{ less, more time.Duration }{
		"a stop waits as long as a start may take":                  {browseract.StartTimeout, rpc.DetachedTimeout},
		"a stop lets a start be settled while its lease lasts":      {rpc.DetachedTimeout, ledger.MaxPreparation + browseract.StartTimeout + time.Millisecond},
		"doctor gives the API as long as a start":                   {browseract.StartTimeout, callTimeout},
		"a call that clients need a setting for is within a minute": {answerTime(maxWait), longestCall},
	} {
		if d.less > d.more {
			t.Errorf("%s: %v is more than %v", what, d.less, d.more)
		}
	}
}

func TestWaitsAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../schemas/get_task.json")
	if err != nil {
		t.Fatal(err)
	}
	var tool struct {
		InputSchema struct {
			Properties map[string]struct{ Default, Maximum any }
		}
	}
	if err := json.Unmarshal(raw, &tool); err != nil {
		t.Fatal(err)
	}
	wait := tool.InputSchema.Properties["wait_seconds"]
	if wait.Default != defaultWait.Seconds() || wait.Maximum != maxWait.Seconds() {
		t.Errorf("got %v, want %v and %v", wait, defaultWait, maxWait)
	}
}
