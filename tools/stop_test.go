package tools_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// creditFault makes get-task return a cost.
func creditFault(credit string, times int) simulator.Fault {
	return simulator.Fault{Endpoint: "get-task", Times: times, Mutate: func(raw []byte) []byte {
		return []byte(strings.NewReplacer(`"credit":null`, `"credit":`+credit, `"credit":0`, `"credit":`+credit).Replace(string(raw)))
	}}
}

func TestStopIsIdempotentAndReturnsTheTask(t *testing.T) {
	ended := simulator.Fault{Endpoint: "stop-task", Status: 400, Code: 10121, Msg: "Task has completed."}
	endedUnder200 := ended
	endedUnder200.Status = 200
	for name, f := range map[string]struct {
		workflow string
		faults   []simulator.Fault
		status   string
		steps    int
	}{
		"a running task":            {"Never Ends", nil, "canceled", 1},
		"one whose cost is unknown": {"Never Ends", []simulator.Fault{creditFault("null", 0)}, "canceled", 1},
		"one whose cost is known":   {"Never Ends", []simulator.Fault{creditFault("7", 0)}, "canceled", 1},
		"only before":               {"Never Ends", []simulator.Fault{creditFault("7", 1)}, "canceled", 1},
		"one that is queued":        {"Stuck In Queue", nil, "canceled", 0},
		"one that has just ended":   {"Never Ends", []simulator.Fault{ended}, "running", 0},
		"the same with status 200":  {"Never Ends", []simulator.Fault{endedUnder200}, "running", 0},
		"one that cannot be read":   {"Never Ends", []simulator.Fault{{Endpoint: "get-task", Status: 500}}, "unknown", 0},
		"one that is read too late": {"Never Ends", []simulator.Fault{{Endpoint: "get-task", Delay: time.Hour, Times: 1}}, "canceled", 1},
		"and not read afterwards":   {"Never Ends", []simulator.Fault{{Endpoint: "get-task", Skip: 1, Status: 500}}, "running", 1},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.start(f.workflow)
				time.Sleep(time.Minute)
				for _, fault := range f.faults {
					defer srv.account.Inject(fault)()
				}
				a := srv.call(context.Background(), "stop_task", taskArgument(id))
				a.checkMessages()
				task := a.task()
				if task.TaskID != id || task.Status != f.status || len(task.Steps) != f.steps {
					t.Errorf("got %+v", task)
				}
			})
		})
	}
}

func TestSecondStopSendsNoRequest(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		for range 3 {
			task := srv.call(context.Background(), "stop_task", taskArgument(id)).task()
			if !task.Done || task.Status != "canceled" || task.NextStep != nil {
				t.Errorf("got %+v", task)
			}
		}
		stops := 0
		for _, r := range srv.account.Requests() {
			if r.Endpoint == "stop-task" {
				stops++
			}
		}
		if stops != 1 {
			t.Errorf("%d stops were sent", stops)
		}
	})
}

func TestStopOfMissingTaskIsAnError(t *testing.T) {
	runSynctest(t, func(_ *testing.T, srv *testServer) {
		if p := srv.call(context.Background(), "stop_task", taskArgument("404")).problem(); p.Code != "no_such_task" {
			srv.t.Errorf("got %+v", p)
		}
	})
}
