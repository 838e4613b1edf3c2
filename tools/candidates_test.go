package tools_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// A candidate counts for ten minutes after its end, with any Date header.
func TestEndedCandidateCountsForItsDuration(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Minute)
		srv.account.Inject(withInputForm(func(string) string { return "null" }))
		srv.loseStartReply()
		srv.call(context.Background(), "run_workflow", arguments)
		time.Sleep(11 * time.Minute)
		for range 3 {
			a := srv.call(context.Background(), "run_workflow", arguments)
			if n := len(srv.account.Tasks()); n != 1 || !strings.Contains(a.Text, srv.account.Tasks()[0].ID) {
				t.Fatalf("%d runs were paid: %s", n, a.Text)
			}
			time.Sleep(time.Minute)
		}
	}, simulator.WithHeaderOffset(time.Hour))
}

func TestWorkflowRunIsNotATemplateRun(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		workflow := srv.call(context.Background(), "run_workflow", srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)).task()
		task := newServerOn(t, srv).call(context.Background(), "run_template", srv.addWithInput("run_template", "q", "x", 5*time.Hour)).task()
		if task.Deduplicated || task.TaskID == workflow.TaskID {
			t.Errorf("got %+v", task)
		}
	})
}

func TestOwnRunsAreFoundBesideAnAmbiguousStart(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		older := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
		restore := srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Skip: 1, Status: 503})
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Abort: true})
		srv.call(context.Background(), "run_workflow", older)
		restore()
		srv.account.Inject(simulator.Fault{Endpoint: "run-task-by-template", Abort: true})
		srv.call(context.Background(), "run_template", srv.addWithInput("run_template", "q", "x", 5*time.Hour))
		time.Sleep(time.Minute)
		own := srv.call(context.Background(), "list_tasks", `{"mine":true}`).Text
		if !strings.Contains(own, srv.account.Tasks()[0].ID) || !strings.Contains(own, "may_have_started") {
			t.Errorf("got %s", own)
		}
	})
}

func TestUnreadableListIsReported(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Skip: 1, Status: 503})
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
		a := srv.run("Never Ends", "")
		a.checkMessages()
		if p := a.problem(); p.Code != "start_unknown" {
			t.Errorf("got %+v", p)
		}
	})
}
