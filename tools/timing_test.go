package tools_test

import (
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools/call"
)

func TestCallHasTimeForDefinitionAndStart(t *testing.T) {
	t.Parallel()
	if call.ForStart != browseract.StartTimeout {
		t.Errorf("a start may take %v, and a call leaves it %v", browseract.StartTimeout, call.ForStart)
	}
}

// A definition that does not come in call.ForDefinition starts nothing.
func TestSlowDefinitionEndsCallAfterFiveSeconds(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "get-workflow", Delay: 20 * time.Second, Times: 1})
		began := time.Now()
		p := srv.run("Never Ends", `,"wait_seconds":0`).problem()
		if took := time.Since(began).Round(time.Second); p.Code != "timeout" || took != 5*time.Second || posts(srv.account) != 0 {
			t.Errorf("after %v got %+v and %d starts", took, p, posts(srv.account))
		}
	})
}

// The search for a start without a clear answer ends after eight seconds.
func TestSearchForAmbiguousStartTakesEightSeconds(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
		began := time.Now()
		if p := srv.run("Never Ends", "").problem(); p.Code != "start_unknown" {
			t.Errorf("got %+v", p)
		}
		if took := time.Since(began); took < 7*time.Second || took > 9*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
