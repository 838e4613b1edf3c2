package tools_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// replies is a transport that reports the delivery of each reply as the test wants.
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
		{"resource, delivered", true, true, "resource", 2},
		{"resource, not delivered", false, true, "resource", 1},
		{"resource, not written yet", true, false, "resource", 1},
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

// endTask has a run end in the answer of a call of that kind, and returns its task's id.
func (srv *testServer) endTask(call string) string {
	srv.t.Helper()
	if call == "run" {
		return srv.endedTaskID(srv.run("Half a Minute", `,"wait_seconds":50`))
	}
	id := srv.run("Half a Minute", `,"wait_seconds":0`).task().TaskID
	if call == "resource" {
		time.Sleep(time.Minute)
		contents, problem := srv.readResource("browseract://tasks/" + id)
		return srv.endedTaskID(answer{t: srv.t, Text: contents.Text + problem, IsError: problem != ""})
	}
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

// The ended rows of a batch count as reported when get_batch's reply is delivered: a
// batch of the same rows then starts them again.
func TestEndedRowsCountAsReportedWhenTheirReplyIsDelivered(t *testing.T) {
	for _, f := range []struct {
		name      string
		delivers  bool
		replies   bool // before the same rows are run again
		wantTasks int
	}{
		{"delivered", true, true, 4},
		{"not delivered", false, true, 2},
		{"not written yet", true, false, 2},
	} {
		t.Run(f.name, func(t *testing.T) {
			tr := &replies{delivers: f.delivers}
			runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
				srv := dep.serve(func(cfg *tools.Config) { cfg.AfterReply = tr.afterReply })
				first := srv.runBatch("Price Monitor", 1, 2, `,"wait_seconds":0`)
				tr.reply()
				if ended := srv.finishBatch(first.BatchID); ended.Counts.Finished != 2 {
					t.Fatalf("got %+v", ended)
				}
				if f.replies {
					tr.reply()
				}
				time.Sleep(5 * time.Minute)
				srv.finishBatch(srv.runBatch("Price Monitor", 1, 2, `,"wait_seconds":0`).BatchID)
				if n := posts(srv.account); n != f.wantTasks {
					t.Errorf("%d starts, want %d", n, f.wantTasks)
				}
			})
		})
	}
}
