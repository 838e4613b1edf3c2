package browseract_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// everyEndpoint calls all twelve and returns their errors.
func everyEndpoint(ctx context.Context, c *browseract.Client) []error {
	_, waited := c.Wait(ctx, browseract.Watch{TaskID: "1", Detail: true})
	return []error{
		second(c.Workflows(ctx, 1, 1)),
		second(c.AllWorkflows(ctx)),
		second(c.Workflow(ctx, "1")),
		second(c.Templates(ctx, "", 1, 1)),
		second(c.Template(ctx, "1")),
		second(c.Regions(ctx)),
		second(c.TaskStatus(ctx, "1")),
		second(c.Task(ctx, "1")),
		second(c.Tasks(ctx, browseract.TaskFilter{}, 1, 1)),
		second(c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})),
		second(c.RunTemplate(ctx, browseract.TemplateRun{TemplateID: "1"})),
		second(c.StopTask(ctx, "1")),
		c.ResumeTask(ctx, "1"),
		waited,
	}
}

// A call ends with any answer, and its error is one short line.
func FuzzReply(f *testing.F) {
	for _, body := range []string{
		`{"id":"85175930462817393","status":"finished","output":{"string":"[]","files":["u"]},"credit":"3.5","steps":[{"step":1}]}`,
		`{"id":85175930462817393,"status":"paused","output":[1],"created_at":1759917250000,"input_parameters":[{"name":1}]}`,
		`{"code":0,"data":{"items":[{"id":1}],"total_pages":9,"limit":1}}`,
		`{"items":[{"templateId":1,"input_parameters":[{}]}],"total_pages":2}`,
		`[{"name":"Japan","code":"JP"}]`,
		`{"code":"10121","msg":"Task has completed.","traceId":"t"}`,
		`<html>`, ``, `null`, `{"output":{"files":[{"url":"u"}]}}`,
	} {
		for _, status := range []int{200, 400, 429, 500} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		status = 200 + (status%400+400)%400
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for _, err := range everyEndpoint(ctx, answering(t, status, body)) {
				if err != nil && (len(err.Error()) > 1500 || strings.ContainsAny(err.Error(), "\r\n\x00")) {
					t.Errorf("an error of %d bytes: %q", len(err.Error()), err)
				}
			}
			time.Sleep(time.Minute) // until detached reads have ended
		})
	})
}

// An id that arrives is the id that was sent, quoted or not.
func FuzzID(f *testing.F) {
	for _, id := range []string{"85175930462817393", "task_00000a", "1e400", "-0", "18446744073709551616", "a\"b\\", "é\u2028", "0.10", "null", " "} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		quoted, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSpace(strings.ToValidUTF8(id, "\uFFFD"))
		if got := taskID(t, string(quoted)); got != want && !strings.Contains(want, "\uFFFD") {
			t.Errorf("%s became %q", quoted, got)
		}
		if bare := []byte(id); json.Valid(bare) && strings.ContainsAny(id[:1], "-0123456789") {
			if got := taskID(t, id); got != strings.TrimSpace(id) {
				t.Errorf("%s became %q", id, got)
			}
		}
	})
}

// taskID returns what an id is read as, the same everywhere; "" if it is not an id.
func taskID(t *testing.T, raw string) string {
	t.Helper()
	ctx := t.Context()
	c := answering(t, http.StatusOK, `{"id":`+raw+`,"status":"running","workflow_id":`+raw+`,"profile_id":`+raw+`,"items":[{"id":`+raw+`},{"templateId":`+raw+`}]}`)
	task, err := c.Task(ctx, "1")
	if err != nil {
		return ""
	}
	s, _ := c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})
	w, _ := c.Workflow(ctx, "1")
	workflows, _ := c.Workflows(ctx, 1, 1)
	templates, _ := c.Templates(ctx, "", 1, 1)
	for _, id := range []browseract.ID{task.WorkflowID, task.ProfileID, s.TaskID, s.ProfileID, w.ID, workflows.Items[0].ID, templates.Items[0].ID, templates.Items[1].ID} {
		if id != task.ID {
			t.Errorf("%s is %q in one place and %q in another", raw, task.ID, id)
		}
	}
	return string(task.ID)
}

// RetryAfter is 0 to 24 h with any header.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"5", "-5", "1.5", "99999999999999999999", "-99999999999999999999", "Wed, 08 Oct 2025 09:54:10 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", ""} {
		f.Add(value, "Wed, 08 Oct 2025 09:54:00 GMT")
		f.Add(value, "")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		_, err := answering(t, http.StatusBadRequest, "", "Retry-After", value, "Date", date).Task(t.Context(), "1")
		var refusal *browseract.Error
		if !errors.As(err, &refusal) || refusal.RetryAfter < 0 || refusal.RetryAfter > 24*time.Hour {
			t.Errorf("%q at %q: %v", value, date, err)
		}
	})
}
