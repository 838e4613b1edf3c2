package browseract_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

const bigID = "85175930462817393" // odd and above 2^53: no float64 holds it

func TestIDsStayExact(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, tt := range []struct {
		name string
		body string
		read func(*browseract.Client) (browseract.ID, error)
	}{
		{"of a run", `{"id":"` + bigID + `"}`, func(c *browseract.Client) (browseract.ID, error) {
			s, err := c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})
			return s.TaskID, err
		}},
		{"of a run, unquoted", `{"id":` + bigID + `}`, func(c *browseract.Client) (browseract.ID, error) {
			s, err := c.RunTemplate(ctx, browseract.TemplateRun{TemplateID: "1"})
			return s.TaskID, err
		}},
		{"of a profile", `{"id":1,"profile_id":` + bigID + `}`, func(c *browseract.Client) (browseract.ID, error) {
			s, err := c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})
			return s.ProfileID, err
		}},
		{"of a profile under its other name", `{"id":1,"profileId":"` + bigID + `"}`, func(c *browseract.Client) (browseract.ID, error) {
			s, err := c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})
			return s.ProfileID, err
		}},
		{"of a task", `{"id":` + bigID + `,"status":"running"}`, func(c *browseract.Client) (browseract.ID, error) {
			task, err := c.Task(ctx, "1")
			return task.ID, err
		}},
		{"of a task's workflow", `{"id":"1","status":"running","workflow_id":` + bigID + `}`, func(c *browseract.Client) (browseract.ID, error) {
			task, err := c.Task(ctx, "1")
			return task.WorkflowID, err
		}},
		{"of a task's profile", `{"id":"1","status":"running","profile_id":` + bigID + `}`, func(c *browseract.Client) (browseract.ID, error) {
			task, err := c.Task(ctx, "1")
			return task.ProfileID, err
		}},
		{"of a step", `{"id":"1","status":"running","steps":[{"id":` + bigID + `}]}`, func(c *browseract.Client) (browseract.ID, error) {
			task, err := c.Task(ctx, "1")
			return task.Steps[0].ID, err
		}},
		{"of a task in a list", `{"items":[{"id":` + bigID + `}]}`, func(c *browseract.Client) (browseract.ID, error) {
			page, err := c.Tasks(ctx, browseract.TaskFilter{}, 1, 1)
			return page.Items[0].ID, err
		}},
		{"of a workflow", `{"id":` + bigID + `}`, func(c *browseract.Client) (browseract.ID, error) {
			w, err := c.Workflow(ctx, "1")
			return w.ID, err
		}},
		{"of a workflow in a list", `{"items":[{"id":` + bigID + `}]}`, func(c *browseract.Client) (browseract.ID, error) {
			page, err := c.Workflows(ctx, 1, 1)
			return page.Items[0].ID, err
		}},
		{"of a template", `{"id":` + bigID + `}`, func(c *browseract.Client) (browseract.ID, error) {
			tpl, err := c.Template(ctx, "1")
			return tpl.ID, err
		}},
		{"of a template in a list", `{"items":[{"templateId":` + bigID + `}]}`, func(c *browseract.Client) (browseract.ID, error) {
			page, err := c.Templates(ctx, "", 1, 1)
			return page.Items[0].ID, err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.read(answering(t, http.StatusOK, tt.body))
			if err != nil || got != bigID {
				t.Errorf("got %q, %v; want %s", got, err, bigID)
			}
		})
	}
}

// One odd member costs at most itself.
func TestOddMembersOfATask(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 8, 9, 54, 10, 0, time.UTC)
	credits := func(task browseract.Task) any {
		n, known := task.Credits()
		return []any{n, known}
	}
	created := func(task browseract.Task) any { return task.CreatedAt.Time }
	live := func(task browseract.Task) any { return task.LiveURL() }
	output := func(task browseract.Task) any { return task.Output }
	failure := func(task browseract.Task) any { return task.Failure }
	inputs := func(task browseract.Task) any { return task.Inputs }
	steps := func(task browseract.Task) any { return len(task.Steps) }
	for _, tt := range []struct {
		name   string
		member string
		read   func(browseract.Task) any
		want   any
	}{
		{"credit", `"credit":33`, credits, []any{int64(33), true}},
		{"credit with a fraction", `"credit":32.6`, credits, []any{int64(33), true}},
		{"credit as text", `"credit":"33"`, credits, []any{int64(33), true}},
		{"credit as text with a fraction", `"credit":"33.0"`, credits, []any{int64(33), true}},
		{"no credit yet", `"credit":null`, credits, []any{int64(0), false}},
		{"credit absent", `"x":0`, credits, []any{int64(0), false}},
		{"credit empty", `"credit":""`, credits, []any{int64(0), false}},
		{"credit not a number", `"credit":"NaN"`, credits, []any{int64(0), false}},
		{"credit beyond all numbers", `"credit":1e999`, credits, []any{int64(0), false}},
		{"credit an object", `"credit":{"used":3}`, credits, []any{int64(0), false}},

		{"time", `"created_at":"2025-10-08T09:54:10Z"`, created, at},
		{"time with a fraction", `"created_at":"2025-10-08T09:54:10.5Z"`, created, at.Add(500 * time.Millisecond)},
		{"time with a zone", `"created_at":"2025-10-08T11:54:10+02:00"`, created, at},
		{"time with a zone without colon", `"created_at":"2025-10-08T11:54:10.000+0200"`, created, at},
		{"time without a zone", `"created_at":"2025-10-08T09:54:10"`, created, at},
		{"time with a blank", `"created_at":"2025-10-08 09:54:10"`, created, at},
		{"time in milliseconds", `"created_at":1759917250000`, created, at},
		{"time in milliseconds as text", `"created_at":"1759917250000"`, created, at},
		{"time in seconds", `"created_at":1759917250`, created, at},
		{"time in seconds as text", `"created_at":"1759917250"`, created, at},
		{"no time", `"created_at":null`, created, time.Time{}},
		{"time 0", `"created_at":0`, created, time.Time{}},
		{"time beyond all calendars", `"created_at":9223372036854775807`, created, time.Time{}},
		{"an invalid time", `"created_at":"soon"`, created, time.Time{}},
		{"time an object", `"created_at":{}`, created, time.Time{}},
		{"time a boolean", `"created_at":true`, created, time.Time{}},

		{"live view", `"live_url_info":{"width":1,"height":1,"live_url":"https://live.example/1"}`, live, "https://live.example/1"},
		{"live view under its old name", `"live_url":"https://live.example/2"`, live, "https://live.example/2"},
		{"live view without a URL", `"live_url_info":{"live_url":null},"live_url":"https://live.example/2"`, live, "https://live.example/2"},
		{"no live view", `"live_url_info":null`, live, ""},
		{"live view a bare URL", `"live_url_info":"https://live.example/3"`, live, ""},

		{"output", `"output":{"string":"[]","files":["https://f.example/1"]}`, output, browseract.Output{String: "[]", Files: []string{"https://f.example/1"}}},
		{"output of a task that runs", `"output":{"string":null,"files":null}`, output, browseract.Output{}},
		{"no output", `"output":null`, output, browseract.Output{}},
		{"output a bare text", `"output":"a text"`, output, browseract.Output{String: "a text"}},
		{"output JSON and not text", `"output":{"string":[{"a": 1}]}`, output, browseract.Output{String: `[{"a": 1}]`}},
		{"output bare JSON", `"output":[{"a":1}]`, output, browseract.Output{String: `[{"a":1}]`}},
		{"output a number", `"output":{"string":85175930462817393}`, output, browseract.Output{String: bigID}},
		{"files with details", `"output":{"string":"x","files":[{"downloadUrl":"https://f.example/1"},{"url":"https://f.example/2"},{"guid":"g"},"https://f.example/3",4,null]}`, output, browseract.Output{String: "x", Files: []string{"https://f.example/1", "https://f.example/2", "https://f.example/3", "4"}}},
		{"files an object", `"output":{"string":"x","files":{"a":1}}`, output, browseract.Output{String: "x"}},
		{"output kept exactly", `"output":{"string":" \u00e9\n<>&\u2028\t"}`, output, browseract.Output{String: " é\n<>&\u2028\t"}},

		{"failure", `"task_failure_info":{"code":1011,"message":"A captcha."}`, failure, &browseract.Failure{Code: 1011, Message: "A captcha."}},
		{"failure with its code as text", `"task_failure_info":{"code":"10001","message":"m"}`, failure, &browseract.Failure{Code: 10001, Message: "m"}},
		{"failure without a word", `"task_failure_info":null`, failure, (*browseract.Failure)(nil)},
		{"failure with an odd message", `"task_failure_info":{"code":7,"message":{"en":"m"}}`, failure, &browseract.Failure{Code: 7}},
		{"failure a bare text", `"task_failure_info":"gone"`, failure, &browseract.Failure{}},

		{"inputs as text", `"input_parameters":"a=b=c;d;e=f"`, inputs, &browseract.TaskInputs{Text: "a=b=c;d;e=f"}},
		{"inputs as a list", `"input_parameters":[{"name":"a","value":" b=c;d "}]`, inputs, &browseract.TaskInputs{List: []browseract.Input{{Name: "a", Value: " b=c;d "}}}},
		{"inputs with values that are no texts", `"input_parameters":[{"name":"n","value":85175930462817393},{"name":"t","value":true},{"name":"0","value":null},{"name":"l","value":[1,2]}]`, inputs, &browseract.TaskInputs{List: []browseract.Input{{Name: "n", Value: bigID}, {Name: "t", Value: "true"}, {Name: "0"}, {Name: "l", Value: "[1,2]"}}}},
		{"inputs with an odd one", `"input_parameters":["x",{"name":"a","value":"b"}]`, inputs, &browseract.TaskInputs{List: []browseract.Input{{}, {Name: "a", Value: "b"}}}},
		{"inputs as an object", `"input_parameters":{"a":"b"}`, inputs, &browseract.TaskInputs{Text: `{"a":"b"}`}},
		{"no inputs", `"input_parameters":null`, inputs, (*browseract.TaskInputs)(nil)},

		{"steps", `"steps":[{"id":"1","step":1},{"id":"2","step":"2"}]`, steps, 2},
		{"steps null", `"steps":null`, steps, 0},
		{"steps an object", `"steps":{"1":{}}`, steps, 0},
		{"an odd step", `"steps":["x",{"step":2}]`, steps, 2},
		{"files a text", `"download_files":"none"`, func(task browseract.Task) any { return len(task.Files) }, 0},
		{"log page a number", `"log_detail_url":5`, func(task browseract.Task) any { return task.LogURL }, ""},
		{"an unknown status", `"status":"sleeping"`, func(task browseract.Task) any { return task.Status.Ended() }, false},
		{"an unknown member", `"new_member":{"deep":[1,{"er":null}]}`, steps, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"id":"` + bigID + `","status":"finished",` + tt.member + `,"workflow_id":"7"}`
			task, err := answering(t, http.StatusOK, body).Task(t.Context(), bigID)
			if err != nil || task.ID != bigID || task.WorkflowID != "7" {
				t.Fatalf("the rest of the task is lost: %+v, %v", task, err)
			}
			if diff := cmp.Diff(tt.read(task), tt.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestATaskInOddShapesReadsAsAnyOther(t *testing.T) {
	t.Parallel()
	keyword := browseract.Input{Name: "keyword", Value: "a=b;c"}
	onRig(t, func(t *testing.T, r *rig) {
		running := r.task(t, "Odd Shapes", 10*time.Second, keyword)
		if running.Status != browseract.TaskRunning || !running.CreatedAt.IsZero() || running.FinishedAt.IsZero() || running.LiveURL() == "" ||
			running.Output.String != "" || len(running.Steps) == 0 || running.Steps[0].Status != browseract.StepRunning {
			t.Errorf("running: %+v", running)
		}
		if diff := cmp.Diff(running.Inputs, &browseract.TaskInputs{List: []browseract.Input{keyword}}); diff != "" {
			t.Error(diff)
		}
		ended := r.task(t, "Odd Shapes", time.Minute, keyword)
		if ended.Status != browseract.TaskFinished || ended.CreatedAt.IsZero() || ended.LiveURL() == "" || ended.Output.String == "" || ended.LogURL == "" ||
			ended.Steps[2].Status != browseract.StepSucceeded || ended.Steps[2].Number != 3 || ended.Steps[2].Evaluation == "" || ended.Steps[2].ScreenshotURL == "" {
			t.Errorf("ended: %+v", ended)
		}
		if n, known := ended.Credits(); n != 30 || !known {
			t.Errorf("credits %d, %v", n, known)
		}
		if task := r.task(t, "Odd Ids", 0, keyword); !strings.HasPrefix(string(task.ID), "task_") || task.Inputs.Text != "keyword=a=b;c" {
			t.Errorf("word id: %+v", task)
		}
		if task := r.task(t, "Old Live View", 10*time.Second, keyword); task.LiveURL() == "" || task.Live != nil {
			t.Errorf("old live view: %+v", task)
		}
		if task := r.task(t, "Wrapped Answers", time.Minute, keyword); task.Status != browseract.TaskFinished || task.Output.String == "" {
			t.Errorf("wrapped: %+v", task)
		}
	})
}

func TestProfilesHaveEitherName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, workflow := range []string{"Price Monitor", "Odd Shapes"} {
		started, err := r.client.RunWorkflow(t.Context(), browseract.WorkflowRun{WorkflowID: r.account.Workflow(workflow).ID, SaveBrowserData: true})
		tasks := r.account.Tasks()
		if want := tasks[len(tasks)-1].ProfileID; err != nil || want == "" || string(started.ProfileID) != want {
			t.Errorf("%s: profile %q, %v; want %q", workflow, started.ProfileID, err, want)
		}
	}
}

func TestFailuresAndFilesAreRead(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		failed := r.task(t, "Flaky Checkout", time.Minute)
		if n, _ := failed.Credits(); failed.Status != browseract.TaskFailed || failed.Failure.Code != 1011 || failed.Failure.Message == "" || n != 70 {
			t.Errorf("failed: %+v", failed)
		}
		if silent := r.task(t, "Fails Without A Word", time.Minute); silent.Status != browseract.TaskFailed || silent.Failure != nil {
			t.Errorf("silent: %+v", silent)
		}
		task := r.task(t, "File Report", time.Minute)
		if len(task.Files) != 4 || len(task.Output.Files) != 2 || task.Output.String != "" || task.FilesExpiresAt.Sub(task.FinishedAt.Time) != 7*24*time.Hour {
			t.Fatalf("files: %+v", task)
		}
		report, pending, lost := task.Files[0], task.Files[2], task.Files[3]
		if report.Name != "report 2025-10.xlsx" || report.Bytes != 48_211 || report.URL == "" || report.ExpiresAt.IsZero() || pending.URL != "" || lost.Error == "" {
			t.Errorf("files: %+v", task.Files)
		}
	})
}

// Success comes bare, or in an envelope with code 0 or 200; an answer that is
// neither the resource nor a refusal is unreadable.
func TestAnswersWithStatus200(t *testing.T) {
	t.Parallel()
	task := `{"id":"1","status":"running"}`
	for _, tt := range []struct {
		name string
		body string
		want string // of the error
	}{
		{"bare", task, ""},
		{"in an envelope with code 0", `{"code":0,"msg":"success","data":` + task + `}`, ""},
		{"in an envelope with code 200", `{"code":200,"msg":"success","data":` + task + `,"ts":1,"traceId":"t"}`, ""},
		{"in an envelope with the code as text", `{"code":"200","data":` + task + `}`, ""},
		{"in an envelope with an unrelated status", `{"code":0,"status":"ok","data":` + task + `}`, ""},
		{"with a code beside the resource", `{"code":10118,"id":"1","status":"running"}`, ""},
		{"white space around", "\r\n " + task + "\n", ""},
		{"a code and no data", `{"code":10112,"msg":"Task is not exist.","data":null,"traceId":"b4bb01"}`, "Task is not exist. (HTTP 200, code 10112, trace b4bb01)"},
		{"a code as text", `{"code":"10112","msg":"m"}`, "m (HTTP 200, code 10112)"},
		{"a code and an odd trace", `{"code":10112,"msg":"m","traceId":7}`, "m (HTTP 200, code 10112)"},
		{"a code without a word", `{"code":10112}`, "no message (HTTP 200, code 10112)"},
		{"a negative code", `{"code":-1,"msg":"busy"}`, "busy (HTTP 200, code -1)"},
		{"code 0 and no data", `{"code":0,"msg":"success","data":null}`, "the reply is not what the API documents"},
		{"an empty object", `{}`, "the reply is not what the API documents"},
		{"an empty body", ``, "the reply is not what the API documents"},
		{"null", `null`, "the reply is not what the API documents"},
		{"a bare array", `[` + task + `]`, "the reply is not what the API documents"},
		{"a resource without its id", `{"status":"running"}`, "the reply is not what the API documents"},
		{"a resource that lends from its envelope", `{"code":0,"status":"ok","data":{"id":"1"}}`, "the reply is not what the API documents"},
		{"an invalid id", `{"id":false,"status":"running"}`, "the reply is not what the API documents"},
		{"HTML", `<html><body>Sign in</body></html>`, "the reply is not what the API documents"},
		{"JSON that was cut off", task[:20], "the reply is not what the API documents"},
		{"JSON and more", task + task, "the reply is not what the API documents"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := answering(t, http.StatusOK, tt.body).Task(t.Context(), "1")
			if tt.want == "" && (err != nil || got.ID != "1" || got.Status != browseract.TaskRunning) {
				t.Errorf("got %+v, %v; want the task", got, err)
			}
			if want := "browseract: get-task: " + tt.want; tt.want != "" && (err == nil || err.Error() != want) {
				t.Errorf("got %+v, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestContentTypeDoesNotMatter(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"", "*/*", "text/plain;charset=UTF-8", "application/json", "text/html"} {
		c := answering(t, http.StatusOK, `[{"name":"Japan","code":"JP"}]`, "Content-Type", contentType)
		if regions, err := c.Regions(t.Context()); err != nil || len(regions) != 1 {
			t.Errorf("%q: %v, %v", contentType, regions, err)
		}
	}
}

func TestEmptyListsAreLists(t *testing.T) {
	t.Parallel()
	page := answering(t, http.StatusOK, `{"page":1,"limit":20,"items":[],"total_pages":0,"total_count":0}`)
	if got, err := page.Tasks(t.Context(), browseract.TaskFilter{}, 1, 20); err != nil || len(got.Items) != 0 {
		t.Errorf("tasks %+v, %v", got, err)
	}
	if got, err := page.AllWorkflows(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("workflows %+v, %v", got, err)
	}
	null := answering(t, http.StatusOK, `{"page":1,"limit":20,"items":null}`)
	if got, err := null.Templates(t.Context(), "x", 1, 20); err != nil || len(got.Items) != 0 {
		t.Errorf("templates %+v, %v", got, err)
	}
	if got, err := answering(t, http.StatusOK, `{"code":0,"data":[]}`).Regions(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("regions %+v, %v", got, err)
	}
}

// An endpoint without a resource may answer an envelope, but not a proxy's page.
func TestAnswersToAStop(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		ended  bool
		want   error
	}{
		{"nothing", 200, "", false, nil},
		{"white space", 200, "\r\n", false, nil},
		{"no content", 204, "", false, nil},
		{"an envelope of success", 200, `{"code":0,"msg":"success","data":null}`, false, nil},
		{"null", 200, "null", false, nil},
		{"ended already, by status 200", 200, `{"code":10121,"msg":"Task has completed."}`, true, nil},
		{"ended already, by status 400", 400, `{"code":10121,"msg":"Task has completed."}`, true, nil},
		{"ended already, by status 500", 500, `{"code":10121,"msg":"Task has completed."}`, true, nil},
		{"no such task", 400, `{"code":10112,"msg":"Task is not exist."}`, false, &browseract.Error{Code: browseract.CodeNoSuchTask}},
		{"a page of a proxy", 200, "<html>Sign in</html>", false, browseract.ErrUnreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ended, err := answering(t, tt.status, tt.body).StopTask(t.Context(), "1")
			if ended != tt.ended || !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v; want %v, %v", ended, err, tt.ended, tt.want)
			}
		})
	}
}

func TestALargeOutputArrivesWhole(t *testing.T) {
	t.Parallel()
	want := strings.Repeat("All work and no play makes a long <description>.\n", 40_000) // 2 MB
	onRig(t, func(t *testing.T, r *rig) {
		r.account.AddWorkflow(simulator.Workflow{Name: "Large", Scenario: simulator.Scenario{Output: simulator.Output{Text: want}}})
		if task := r.task(t, "Large", time.Minute); task.Output.String != want {
			t.Errorf("%d bytes, want %d", len(task.Output.String), len(want))
		}
	})
}
