package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestStopEndsATaskForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		queued, running := r.run("Stuck In Queue"), r.run("Flaky Checkout")
		time.Sleep(30 * time.Second)
		for _, id := range []string{queued, running} {
			if got := r.put("stop-task", id); got.status != http.StatusOK || got.raw != "" {
				t.Errorf("stop answered %d %q, want 200 and nothing", got.status, got.raw)
			}
		}
		time.Sleep(time.Hour)
		for id, want := range map[string]string{queued: "canceled 0 2000-01-01T00:00:30Z", running: "canceled 52 2000-01-01T00:00:30Z"} {
			task := r.task(id)
			if got := fmt.Sprint(task["status"], " ", task["credit"], " ", task["finished_at"]); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		again := r.put("stop-task", running)
		if again.status != http.StatusOK || again.code() != "10121" || again.object["msg"] != "Task has completed." {
			t.Errorf("a second stop answered %d %s, want 200 with code 10121", again.status, again.raw)
		}
	})
}

func TestResumeIsForPausedTasksOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := r.run("Needs A Human")
		time.Sleep(13 * time.Second) // pausing
		if got := r.put("resume-task", id); got.status != http.StatusBadRequest || got.code() != "10127" {
			t.Errorf("resume of a %v task answered %d %s, want 400 with code 10127", r.status(id), got.status, got.raw)
		}
		time.Sleep(5 * time.Minute)
		if got := r.put("resume-task", id); got.status != http.StatusOK || got.raw != "" {
			t.Errorf("resume answered %d %q, want 200 and nothing", got.status, got.raw)
		}
		if got := r.status(id); got != "running" {
			t.Errorf("after the resume: %v, want running", got)
		}
		time.Sleep(30 * time.Second)
		if got := r.status(id); got != "finished" {
			t.Errorf("at the end: %v, want finished", got)
		}
	})
}

func TestSlowResumeStaysPausedForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := r.run("Slow Resume")
		time.Sleep(20 * time.Second)
		r.put("resume-task", id)
		time.Sleep(11 * time.Second)
		if got := r.status(id); got != "paused" {
			t.Errorf("11 s after the resume: %v, want paused", got)
		}
		time.Sleep(time.Second)
		if got := r.status(id); got != "running" {
			t.Errorf("12 s after the resume: %v, want running", got)
		}
	})
}

func TestSecondResumeSkipsTheNextHumanStep(t *testing.T) {
	t.Parallel()
	for resumes, want := range map[int]string{1: "paused <nil>", 2: "finished 2000-01-01T00:00:55Z"} {
		t.Run(fmt.Sprint(resumes), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := start(t)
				id := r.run("Asks Twice")
				time.Sleep(20 * time.Second)
				for range resumes {
					r.put("resume-task", id)
				}
				time.Sleep(10 * time.Minute)
				task := r.task(id)
				if got := fmt.Sprint(task["status"], " ", task["finished_at"]); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		})
	}
}

func TestDashboardActsOnTasks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		canceled, failed, silent, finished, resumed := r.run("Never Ends"), r.run("Never Ends"), r.run("Never Ends"), r.run("Never Ends"), r.run("Asks Twice")
		time.Sleep(15 * time.Second)
		r.CancelTask(canceled)
		r.FailTask(failed, 1011, "captcha")
		r.FailTask(silent, 0, "")
		r.FinishTask(finished, "done")
		r.FinishTask(canceled, "too late")
		r.ResumeTask(resumed)
		time.Sleep(5 * time.Second)
		for id, want := range map[string]string{
			canceled: "canceled <nil> <nil>",
			failed:   "failed map[code:1011 message:captcha] <nil>",
			silent:   "failed <nil> <nil>",
			finished: "finished <nil> done",
			resumed:  "running <nil> <nil>",
		} {
			task := r.task(id)
			if got := fmt.Sprint(task["status"], " ", task["task_failure_info"], " ", at(task, "output", "string")); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

func TestStandardBrowserModeRunsOneTaskAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		first, second, third := r.run("One At A Time"), r.run("One At A Time"), r.run("One At A Time")
		other := r.run("Price Monitor")
		statuses := func() string {
			return fmt.Sprintf("%v %v %v %v", r.status(first), r.status(second), r.status(third), r.status(other))
		}
		time.Sleep(20 * time.Second)
		if got, want := statuses(), "running created created running"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		r.put("stop-task", first)
		r.put("stop-task", second)
		time.Sleep(10 * time.Second)
		if got, want := statuses(), "canceled canceled running running"; got != want {
			t.Errorf("after two stops: got %s, want %s", got, want)
		}
		time.Sleep(30 * time.Second)
		if got, want := r.task(third)["finished_at"], "2000-01-01T00:01:00Z"; got != want {
			t.Errorf("the third finished at %v, want %s, 40 s after the second was stopped", got, want)
		}
	})
}

func TestConcurrencyLimitRefusesRuns(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithConcurrency(1), simulator.WithKeys(simulator.Key, "app-other"))
	id := r.run("Never Ends")
	if got := r.post("run-task", r.ask("Price Monitor")); got.status != http.StatusBadRequest || got.code() != "10118" {
		t.Errorf("second run answered %d %s, want 400 with code 10118", got.status, got.raw)
	}
	r.key = "app-other"
	r.run("Price Monitor")
	r.key = simulator.Key
	r.put("stop-task", id)
	r.run("Price Monitor")
}

func TestRunsAreRefusedByTheirWorkflows(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithErrorStatus(http.StatusOK))
	for _, tt := range []struct {
		name, endpoint string
		body           map[string]any
		code           string
	}{
		{"never published", "run-task", r.ask("Not Published"), "10020"},
		{"no credits", "run-task", r.ask("Out Of Credits"), "10024"},
		{"no such workflow", "run-task", map[string]any{"workflow_id": "1"}, "10021"},
		{"a template is no workflow", "run-task", map[string]any{"workflow_id": "77577579210625331"}, "10021"},
		{"no such template", "run-task-by-template", map[string]any{"workflow_template_id": "1"}, "10022"},
		{"GB is UK", "run-task-by-template", map[string]any{"workflow_template_id": "77577579210625331", "proxyRegion": "GB"}, "10023"},
	} {
		if got := r.post(tt.endpoint, tt.body); got.status != http.StatusOK || got.code() != tt.code {
			t.Errorf("%s: answered %d %s, want 200 with code %s", tt.name, got.status, got.raw, tt.code)
		}
	}
	if n := len(r.Tasks()); n != 0 {
		t.Errorf("%d tasks, want none", n)
	}
}

func TestKeysHaveTasksAndWorkflowsOfTheirOwn(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithKeys(simulator.Key, "app-other"))
	mine, body := r.run("Price Monitor"), r.ask("Price Monitor")
	r.key = "app-other"
	for _, got := range []reply{
		r.get("get-task", "task_id", mine), r.get("get-task-status", "task_id", mine),
		r.put("stop-task", mine), r.put("resume-task", mine),
	} {
		if got.status != http.StatusBadRequest || got.code() != "10112" || got.object["msg"] != "Task is not exist." {
			t.Errorf("another key's task answered %d %s, want 400 with code 10112", got.status, got.raw)
		}
	}
	if got := r.get("list-tasks", "limit", "500"); len(got.items()) != 0 {
		t.Errorf("list-tasks shows another key's: %s", got.raw)
	}
	if got := r.post("run-task", body); got.code() != "10021" {
		t.Errorf("another key's workflow ran: %s", got.raw)
	}
}

func TestListTasksFilters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		names := map[string]string{}
		for _, w := range []string{"Price Monitor", "CSV Export", "Never Ends"} {
			time.Sleep(time.Minute + 300*time.Millisecond)
			names[r.run(w)] = w
		}
		r.post("run-task-by-template", map[string]any{"workflow_template_id": "77638424152140851"})
		names[r.Tasks()[3].ID] = "Google News"
		time.Sleep(90 * time.Second)
		for _, tt := range []struct{ name, query, want string }{
			{"newest first", "limit=500", "Google News,Never Ends,CSV Export,Price Monitor"},
			{"one when no limit is given", "", "Google News"},
			{"the next page", "limit=3&page=2", "Price Monitor"},
			{"past the end", "limit=3&page=3", ""},
			{"by status", "limit=9&status=running", "Never Ends"},
			{"by workflow", "limit=9&workflow_id=" + r.Workflow("CSV Export").ID, "CSV Export"},
			{"by a template, which is no workflow", "limit=9&workflow_id=77638424152140851", ""},
			{"by a part of the name", "limit=9&workflow_name=oRt", "CSV Export"},
			{"by a template's name", "limit=9&workflow_name=google", "Google News"},
			{"from, inclusive", "limit=9&created_at_from=2000-01-01T00:02:00Z", "Google News,Never Ends,CSV Export"},
			{"from, in whole seconds", "limit=9&created_at_from=2000-01-01T00:02:00.1Z", "Google News,Never Ends"},
			{"to, inclusive", "limit=9&created_at_to=2000-01-01T01:02:00%2B01:00", "CSV Export,Price Monitor"},
			{"all at once", "limit=9&status=finished&workflow_name=e&created_at_to=2000-01-01T00:02:00Z", "CSV Export,Price Monitor"},
		} {
			req := r.request(http.MethodGet, "list-tasks", nil, "")
			req.URL.RawQuery = tt.query
			var got []string
			for _, item := range r.send(req).items() {
				got = append(got, names[item["id"].(string)])
			}
			if got := strings.Join(got, ","); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
			}
		}
	})
}

func TestPopulatedTasksPageInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		newest := r.run("Price Monitor")
		r.Populate(1200, 4096)
		got := r.get("list-tasks", "limit", "500", "page", "3", "status", "finished")
		items := got.items()
		delete(got.object, "items")
		if diff := cmp.Diff("map[limit:500 page:3 total_count:1200 total_pages:3]", fmt.Sprint(got.object)); diff != "" || len(items) != 200 {
			t.Errorf("%d items, want 200; page (-want +got):\n%s", len(items), diff)
		}
		for i, item := range items {
			if n := len(at(item, "output", "string").(string)); n != 4096 {
				t.Fatalf("output %d has %d bytes, want 4096", i, n)
			}
		}
		if got := r.get("list-tasks").items()[0]["id"]; got != newest {
			t.Errorf("newest %v, want the one that ran, %s", got, newest)
		}
	})
}

func TestNewTaskLagsInListTasksOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, simulator.WithListLag(3*time.Second))
		id := r.run("Never Ends")
		time.Sleep(2 * time.Second)
		if n := len(r.get("list-tasks").items()); n != 0 || r.status(id) != "running" {
			t.Errorf("after 2 s: %d in list-tasks, status %v; want none, running", n, r.status(id))
		}
		time.Sleep(time.Second)
		if n := len(r.get("list-tasks").items()); n != 1 {
			t.Errorf("after 3 s: %d in list-tasks, want 1", n)
		}
	})
}

func TestSpeedAndOffset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, simulator.WithSpeed(15), simulator.WithDateOffset(-time.Hour))
		id := r.run("Price Monitor")
		time.Sleep(4199 * time.Millisecond)
		if got := r.status(id); got != "running" {
			t.Errorf("before 63 simulated seconds: %v, want running", got)
		}
		time.Sleep(time.Millisecond)
		got := r.get("get-task", "task_id", id)
		if s := fmt.Sprint(got.object["status"], got.object["created_at"], got.object["finished_at"]); s != "finished1999-12-31T23:00:00Z1999-12-31T23:00:04Z" {
			t.Errorf("got %s", s)
		}
		if date := got.header.Get("Date"); date != "Fri, 31 Dec 1999 23:00:04 GMT" {
			t.Errorf("Date %q", date)
		}
	})
}

func TestTaskRecordsKeepWhatWasSent(t *testing.T) {
	t.Parallel()
	r := start(t)
	sent := simulator.Inputs{{Name: "Keywords", Value: "wrong name; a=b"}, {Name: "keywords", Value: "tea"}}
	r.post("run-task-by-template", map[string]any{
		"workflow_template_id": "77577579210625331", "input_parameters": sent, "proxyRegion": "JP",
		"callback_url": "https://hooks.example/done", "status_change_callback_url": "https://hooks.example/changed",
	})
	got := r.Tasks()[0]
	if got.WorkflowID == "" || got.WorkflowID == got.TemplateID {
		t.Errorf("workflow id %q of template %q, want one of its own", got.WorkflowID, got.TemplateID)
	}
	want := simulator.TaskRecord{
		ID: got.ID, Key: simulator.Key, WorkflowID: got.WorkflowID, TemplateID: "77577579210625331",
		Inputs: sent, Region: "JP", CreatedAt: got.CreatedAt, Status: "created",
		CallbackURL: "https://hooks.example/done", StatusChangeCallbackURL: "https://hooks.example/changed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
