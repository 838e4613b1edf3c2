package tools_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
)

// replies is a transport that says of each reply whether it was delivered, as the test wants.
type replies struct {
	delivers bool
	pending  []func(delivered bool)
}

func (tr *replies) afterReply(_ context.Context, run func(delivered bool)) bool {
	tr.pending = append(tr.pending, run)
	return true
}

// reply writes the replies of the calls so far.
func (tr *replies) reply() {
	for _, run := range tr.pending {
		run(tr.delivers)
	}
	tr.pending = nil
}

func TestEndCountsAsReportedWhenItsReplyIsDelivered(t *testing.T) {
	for _, f := range []struct {
		name      string
		delivers  bool
		replies   bool // before the same run is asked for again
		call      string
		wantTasks int
	}{
		{"run_workflow, delivered", true, true, "run", 2},
		{"run_workflow, not delivered", false, true, "run", 1},
		{"run_workflow, not written yet", true, false, "run", 1},
		{"get_task, delivered", true, true, "get", 2},
		{"get_task, not delivered", false, true, "get", 1},
		{"stop_task, not delivered", false, true, "stop", 1},
		{"stop_task, delivered", true, true, "stop", 2},
		{"stop_task, before its reply", true, false, "stop", 1},
	} {
		t.Run(f.name, func(t *testing.T) {
			tr := &replies{delivers: f.delivers}
			open := func(t *testing.T) *testServer {
				return newServer(t, newAccount(), func(cfg *tools.Config) { cfg.AfterReply = tr.afterReply })
			}
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				srv.account.AddWorkflow(simulator.Workflow{Name: "Half a Minute", Scenario: simulator.Scenario{Running: 30 * time.Second}})
				first := srv.endTask(f.call)
				if f.replies {
					tr.reply()
				}
				time.Sleep(5 * time.Minute)
				again := srv.run("Half a Minute", "").task()
				if same := again.TaskID == first; same != (f.wantTasks == 1) || posts(srv.account) != f.wantTasks {
					t.Errorf("asked again it answers with task %s after %s, and %d starts; want %d", again.TaskID, first, posts(srv.account), f.wantTasks)
				}
			})
		})
	}
}

// endBy has a run end in the answer of a call of that kind, and returns its task's id.
func (srv *testServer) endTask(call string) string {
	srv.t.Helper()
	if call == "run" {
		return srv.endedTaskID(srv.run("Half a Minute", `,"wait_seconds":50`))
	}
	id := srv.run("Half a Minute", `,"wait_seconds":0`).task().TaskID
	if call == "stop" {
		return srv.endedTaskID(srv.call(context.Background(), "stop_task", fmt.Sprintf(`{"task_id":%q}`, id)))
	}
	return srv.endedTaskID(srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id)))
}

func (srv *testServer) endedTaskID(a answer) string {
	srv.t.Helper()
	task := a.task()
	if !task.Done {
		srv.t.Fatalf("the run has not ended: %+v", task)
	}
	return task.TaskID
}
