package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

const googleMaps = "77577579210625331" // the template of Google Maps businesses

// runSynctest runs a test in a synctest bubble, with a server.
func runSynctest(t *testing.T, f func(t *testing.T, srv *testServer), opts ...simulator.Option) {
	t.Helper()
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(opts...)) }, f)
}

// runSynctestOn is runSynctest with a server that open makes.
func runSynctestOn(t *testing.T, open func(t *testing.T) *testServer, f func(t *testing.T, srv *testServer)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f(t, open(t))
		time.Sleep(time.Minute) // reads that several callers share outlive a call by some seconds
	})
}

func (srv *testServer) runArguments(workflow string, more string) string {
	return fmt.Sprintf(`{"workflow_id":%q,"inputs":%s%s}`, srv.account.Workflow(workflow).ID, srv.requiredInputs(workflow), more)
}

// requiredInputs fills in what a workflow cannot run without.
func (srv *testServer) requiredInputs(workflow string) string {
	var pairs []string
	for _, in := range srv.account.Workflow(workflow).Inputs {
		if in.Required {
			pairs = append(pairs, fmt.Sprintf("%q:%q", in.Name, "https://shop.example/1"))
		}
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// start runs a workflow without waiting and returns the task's id.
func (srv *testServer) start(workflow string) string {
	srv.t.Helper()
	return srv.call(context.Background(), "run_workflow", srv.runArguments(workflow, `,"wait_seconds":0`)).task().TaskID
}

// startAnother starts a run although the same one ended a moment ago.
func (srv *testServer) startAnother(workflow string) string {
	srv.t.Helper()
	return srv.call(context.Background(), "run_workflow", srv.runArguments(workflow, `,"wait_seconds":0,"allow_duplicate":true`)).task().TaskID
}

func taskArgument(id string) string { return fmt.Sprintf(`{"task_id":%q}`, id) }

func TestRunIsFollowedToItsRows(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		ctx := withProgressToken(context.Background())
		a := srv.call(ctx, "run_template", `{"template_id":"`+googleMaps+`","inputs":{"keywords":"coffee"},"wait_seconds":25}`)
		task := a.task()
		if task.TaskID == "" || task.Done || task.NextStep == nil || task.NextStep.Tool != "get_task" {
			t.Fatalf("a wait that ran out answers with %+v", task)
		}
		if task.TemplateID != googleMaps || task.WorkflowID != "" {
			t.Errorf("got template %q, workflow %q", task.TemplateID, task.WorkflowID)
		}
		if len(a.Progress) < 2 {
			t.Fatalf("got %d progress notifications", len(a.Progress))
		}
		for i := 0; !task.Done; i++ {
			if i > 10 {
				t.Fatal("the task never ends")
			}
			task = srv.call(ctx, "get_task", taskArgument(task.TaskID)).task()
		}
		if task.Status != "finished" || task.Output == nil || task.Output.Rows == nil || *task.Output.Rows == 0 {
			t.Fatalf("ended with %+v", task)
		}
		if task.Credits == nil || task.NextStep == nil || task.NextStep.Tool != "get_task_output" {
			t.Errorf("ended with %+v", task)
		}
		page := srv.call(ctx, "get_task_output", taskArgument(task.TaskID))
		if page.IsError || !strings.Contains(page.Text, `"total_rows":`) || len(page.Structured) > 0 {
			t.Errorf("the output is %s", page.Text)
		}
		if n := posts(srv.account); n != 1 {
			t.Errorf("%d runs were asked for", n)
		}
	})
}

func TestProgressIncreasesAndNamesTheStep(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		a := srv.call(withProgressToken(context.Background()), "run_template", `{"template_id":"`+googleMaps+`","inputs":{"keywords":"coffee"},"wait_seconds":50}`)
		last, steps := -1.0, 0
		for _, p := range a.Progress {
			now, _ := p["progress"].(float64)
			if now <= last {
				t.Errorf("progress %v follows %v", now, last)
			}
			if strings.HasPrefix(p["message"].(string), "step ") {
				steps++
			}
			last = now
		}
		if steps < 2 {
			t.Errorf("no steps in %v", a.Progress)
		}
		synctest.Wait()
	})
}

func TestProgressIsSentEveryTenSeconds(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		a := srv.call(withProgressToken(context.Background()), "run_workflow", srv.runArguments("Stuck In Queue", `,"wait_seconds":50`))
		if n := len(a.Progress); n < 5 || n > 7 {
			t.Errorf("got %d notifications in 50 s for a task that does not change", n)
		}
	})
}

func TestCallWithoutTokenGetsNoProgress(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		if a := srv.call(context.Background(), "run_workflow", srv.runArguments("Price Monitor", "")); len(a.Progress) != 0 {
			t.Errorf("got %v", a.Progress)
		}
	})
}

func TestWaitEndsAtItsTime(t *testing.T) {
	for _, seconds := range []int{0, 1, 25, 50} {
		t.Run(fmt.Sprint(seconds), func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.start("Never Ends")
				began := time.Now()
				task := srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, seconds)).task()
				took := time.Since(began).Round(time.Second)
				if want := time.Duration(seconds) * time.Second; took != want {
					t.Errorf("took %v, want %v", took, want)
				}
				if task.Done || task.NextStep == nil || task.NextStep.Arguments["task_id"] != id {
					t.Errorf("got %+v", task)
				}
			})
		})
	}
}

func TestPausedTaskNeedsHuman(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		task := srv.call(context.Background(), "run_workflow", srv.runArguments("Needs A Human", `,"wait_seconds":50`)).task()
		task = srv.waitForPause(task.TaskID)
		if task.Status != "paused" || task.LiveURL == "" || task.PollAfterSeconds != 30 {
			t.Errorf("got %+v", task)
		}
		if task.NextStep == nil || task.NextStep.Tool != "get_task" {
			t.Errorf("next step is %+v", task.NextStep)
		}
		began := time.Now()
		srv.call(context.Background(), "get_task", taskArgument(task.TaskID))
		if took := time.Since(began); took > time.Second {
			t.Errorf("a paused task was waited on for %v", took)
		}
		resumed := srv.call(context.Background(), "resume_task", taskArgument(task.TaskID)).task()
		if resumed.NeedsHuman || resumed.Status == "paused" {
			t.Errorf("after the resume: %+v", resumed)
		}
	})
}

func TestPausedWithoutLiveViewPointsToTheLog(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Needs A Human Without Live View")
		task := srv.waitForPause(id)
		if task.LiveURL != "" || task.LogURL == "" || !strings.Contains(task.Summary, "log_url") {
			t.Errorf("got %+v", task)
		}
	})
}

func TestPausedTaskShowsItsLastLiveView(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		task := srv.call(context.Background(), "run_workflow", srv.runArguments("Live View Goes Away", `,"wait_seconds":50`)).task()
		if !task.NeedsHuman || task.LiveURL == "" || !strings.Contains(task.Summary, "live_url") {
			t.Errorf("got %+v", task)
		}
	})
}

func TestSlowResumeDoesNotEndTheWait(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Slow Resume")
		srv.waitForPause(id)
		task := srv.call(context.Background(), "resume_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id)).task()
		if task.Status == "paused" {
			t.Errorf("still paused: %+v", task)
		}
		if got := srv.account.Tasks()[0].Resumes; got != 1 {
			t.Errorf("resumed %d times", got)
		}
	})
}

func TestResumeOfRunningTaskIsRefused(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		a := srv.call(context.Background(), "resume_task", taskArgument(srv.start("Never Ends")))
		a.checkMessages()
		p := a.problem()
		if p.Code != "not_paused" || p.NextStep == nil || p.NextStep.Tool != "get_task" {
			t.Errorf("got %+v", p)
		}
	})
}

func TestEndedRunsHaveStatusAndWarnings(t *testing.T) {
	for workflow, want := range map[string]struct {
		status string
		warns  bool
	}{
		"Flaky Checkout":        {"failed", false},
		"Fails Without A Word":  {"failed", false},
		"Canceled From Outside": {"canceled", false},
		"Empty Handed":          {"finished", true},
		"File Report":           {"finished", false},
		"Broken JSON":           {"finished", true},
		"CSV Export":            {"finished", false},
		"Price Monitor":         {"finished", false},
	} {
		t.Run(workflow, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				a := srv.call(context.Background(), "get_task", taskArgument(srv.waitForEnd(srv.start(workflow)).TaskID))
				a.checkMessages()
				task := a.task()
				if task.Status != want.status || want.warns && len(task.Warnings) == 0 {
					t.Errorf("got %s, warnings %q", task.Status, task.Warnings)
				}
				if (task.Status == "failed") != (task.Failure != nil) {
					t.Errorf("failure is %+v", task.Failure)
				}
			})
		})
	}
}

func TestLongQueueNamesTheActiveTasks(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		holder, id := srv.start("Never Ends"), srv.start("Stuck In Queue")
		time.Sleep(3 * time.Minute)
		a := srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":0}`, id))
		a.checkMessages()
		task := a.task()
		if !strings.Contains(strings.Join(task.Warnings, " "), holder) {
			t.Errorf("got %q %q", task.Summary, task.Warnings)
		}
	})
}

func TestClosingEndsWaitsWithTheLastSnapshot(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		time.Sleep(time.Minute)
		began := time.Now()
		time.AfterFunc(5*time.Second, func() { close(srv.closing) })
		task := srv.call(context.Background(), "get_task", taskArgument(id)).task()
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("the wait went on for %v", took)
		}
		if task.TaskID != id || task.Status != "running" || len(task.Warnings) != 0 {
			t.Errorf("got %+v", task)
		}
	})
}

func TestCancelledCallLeavesTheTaskRunning(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		ctx, cancel := cancelled(5 * time.Second)
		defer cancel()
		srv.call(ctx, "get_task", taskArgument(id))
		for _, r := range srv.account.Requests() {
			if r.Endpoint == "stop-task" {
				t.Error("the task was stopped")
			}
		}
	})
}

func TestCancelDuringPostLosesNoTask(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 5 * time.Second})
		ctx, cancel := cancelled(time.Second)
		defer cancel()
		srv.call(ctx, "run_workflow", srv.runArguments("Price Monitor", ""))
		srv.client.DrainStarts(context.Background())
		created := srv.account.Tasks()
		if len(created) != 1 || posts(srv.account) != 1 {
			t.Fatalf("%d tasks, %d requests", len(created), posts(srv.account))
		}
		if !strings.Contains(srv.log.String(), created[0].ID) {
			t.Errorf("the log does not know the task: %s", srv.log.String())
		}
	})
}
