package simulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// TestWorkflowsDoWhatTheirNamesSay follows each by its status, in seconds.
func TestWorkflowsDoWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ workflow, want string }{
		{"Price Monitor", "created 3 running 63 finished"},
		{"Needs A Human", "created 2 running 12 pausing 14 paused 612 failed"},
		{"Live View Goes Away", "created 2 running 12 pausing 17 paused 612 failed"},
		{"Asks Twice", "created 2 running 12 paused"},
		{"Human Comes Too Late", "created 2 running 12 paused 72 failed"},
		{"Flaky Checkout", "created 2 running 47 failed"},
		{"Canceled From Outside", "created 2 running 47 canceled"},
		{"Never Ends", "created 2 running"},
		{"Stuck In Queue", "created"},
		{"Empty Handed", "created 2 running 47 finished"},
		{"Unknown In Between", "created 2 running 12 unknown 22 running 32 finished"},
	} {
		t.Run(tt.workflow, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if got := history(start(t), tt.workflow); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

// history runs a workflow and returns its statuses and when each began.
func history(r *rig, workflow string) string {
	id, began, last, h := r.run(workflow), time.Now(), "", ""
	for range 15 * 60 {
		if s := fmt.Sprint(r.Tasks()[0].Status); s != last {
			h += fmt.Sprintf(" %d %s", int(time.Since(began).Seconds()), s)
			last = s
		}
		time.Sleep(time.Second)
	}
	if got := r.status(id); got != last {
		r.t.Errorf("get-task-status says %v, want %v", got, last)
	}
	return strings.TrimPrefix(h, " 0 ")
}

// ended runs a workflow until it has long ended and returns what get-task says.
func ended(r *rig, workflow string, in ...simulator.NameValue) map[string]any {
	r.t.Helper()
	id := r.run(workflow, in...)
	time.Sleep(8 * time.Hour)
	return r.task(id)
}

func TestEndedTasksHaveCreditsAndFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		for _, tt := range []struct {
			workflow, status, credit string
			failure                  any
		}{
			{"Price Monitor", "finished", "30", nil},
			{"Empty Handed", "finished", "70", nil},
			{"Navigation Timeout", "failed", "12", map[string]any{"code": json.Number("10001"), "message": "Navigation timeout"}},
			{"Fails Without A Word", "failed", "70", nil},
			{"Canceled From Outside", "canceled", "15", nil},
		} {
			task := ended(r, tt.workflow)
			if got := fmt.Sprint(task["status"], " ", task["credit"]); got != tt.status+" "+tt.credit {
				t.Errorf("%s: got %s, want %s %s", tt.workflow, got, tt.status, tt.credit)
			}
			if diff := cmp.Diff(tt.failure, task["task_failure_info"]); diff != "" {
				t.Errorf("%s: task_failure_info (-want +got):\n%s", tt.workflow, diff)
			}
		}
		captcha := ended(r, "Flaky Checkout")
		if code := fmt.Sprint(at(captcha, "task_failure_info", "code")); code != "1011" || len(fmt.Sprint(at(captcha, "task_failure_info", "message"))) < 200 {
			t.Errorf("captcha: got %v, want code 1011 and a paragraph", captcha["task_failure_info"])
		}
	})
}

func TestOutputsAreOfTheKindTheyAreNamedAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		for _, tt := range []struct {
			workflow  string
			validJSON bool
			rows      int // of an array
			has       string
		}{
			{"Price Monitor", true, 8, `"price":`},
			{"Thousand Rows", true, 1000, `"title":`},
			{"Single Key Rows", true, 36, `{"title":`},
			{"Single Object", true, 0, `90071992547409931`},
			{"Broken JSON", false, 0, `{name: `},
			{"JSON In Strings", false, 0, `"{"color"`},
			{"Cut Off JSON", false, 0, `"price":`},
			{"CSV Export", false, 0, "\ufeffname,price"},
			{"NDJSON Log", false, 0, "}\n{"},
			{"XML Feed", false, 0, "<?xml"},
			{"Markdown Article", false, 0, "# How"},
			{"Plain Text", false, 0, "The shop"},
			{"Blank Text", false, 0, "\n"},
			{"Injected Page", true, 3, "Ignore all previous"},
		} {
			text, _ := at(ended(r, tt.workflow), "output", "string").(string)
			var rows []map[string]any
			_ = json.Unmarshal([]byte(text), &rows)
			if json.Valid([]byte(text)) != tt.validJSON || len(rows) != tt.rows || !strings.Contains(text, tt.has) {
				t.Errorf("%s: valid JSON %v, %d rows, want %v, %d and %q in\n%.300s",
					tt.workflow, json.Valid([]byte(text)), len(rows), tt.validJSON, tt.rows, tt.has, text)
			}
		}
	})
}

func TestTwentyMegabytesAreFiftyThousandRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, simulator.WithoutGzip())
		text, _ := at(ended(r, "Twenty Megabytes"), "output", "string").(string)
		if n := strings.Count(text, `"row":`); len(text) < 20_000_000 || n != 50_000 {
			t.Errorf("got %d bytes and %d rows, want over 20 MB and 50,000", len(text), n)
		}
	})
}

func TestFilesHaveURLsOnlyOnceUploaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		task := ended(r, "File Report")
		var got []string
		for _, f := range task["download_files"].([]any) {
			got = append(got, fmt.Sprintf("%v %v url:%v error:%v", at(f, "fileName"), at(f, "status"), at(f, "downloadUrl") != nil, at(f, "errorMessage") != nil))
		}
		want := []string{
			"report 2025-10.xlsx uploaded url:true error:false", "screenshots.zip uploaded url:true error:false",
			"receipt.pdf uploading url:false error:false", "appendix.csv failed url:false error:true",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("download_files (-want +got):\n%s", diff)
		}
		if text, files := at(task, "output", "string"), at(task, "output", "files"); text != "" || len(files.([]any)) != 2 {
			t.Errorf("output %q with files %v, want none and two URLs", text, files)
		}
		finished, _ := time.Parse(time.RFC3339, task["finished_at"].(string))
		if want := fmt.Sprint(finished.Add(7 * 24 * time.Hour).UnixMilli()); fmt.Sprint(task["files_expires_at"]) != want {
			t.Errorf("files_expires_at %v, want %v", task["files_expires_at"], want)
		}
		if item := r.get("list-tasks", "limit", "1").items()[0]; item["download_files"] != nil || item["steps"] != nil || item["log_detail_url"] != nil || len(at(item, "output", "files").([]any)) != 2 {
			t.Errorf("list-tasks: %v, want output and neither steps, files nor log", item)
		}
	})
}

func TestRunningTaskHasNullsAndALiveView(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := r.run("Price Monitor", simulator.NameValue{Name: "product_url", Value: "https://a.example/?x=1;y=2"})
		time.Sleep(40 * time.Second)
		task := r.task(id)
		delete(task, "live_url_info")
		delete(task, "log_detail_url")
		delete(task, "steps")
		want := map[string]any{
			"id": id, "status": "running", "workflow_id": r.Workflow("Price Monitor").ID,
			"created_at": "2000-01-01T00:00:00Z", "finished_at": nil, "credit": nil, "task_failure_info": nil,
			"input_parameters": "product_url=https://a.example/?x=1;y=2",
			"output":           map[string]any{"string": nil, "files": nil},
		}
		if diff := cmp.Diff(want, task); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestLiveViewShowsWhereItsScenarioWantsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		for _, tt := range []struct{ workflow, running, later string }{
			{"Needs A Human", "info", "info"},
			{"Live View Goes Away", "info", "none"},
			{"Needs A Human Without Live View", "none", "none"},
			{"Price Monitor", "info", "none"},
			{"Odd Shapes", "info", "info"},
			{"Old Live View", "deprecated", "none"},
		} {
			id := r.run(tt.workflow)
			time.Sleep(5 * time.Second)
			running := live(r, id)
			time.Sleep(time.Minute)
			if later := live(r, id); running != tt.running || later != tt.later {
				t.Errorf("%s: while running %s, a minute later %s; want %s, %s", tt.workflow, running, later, tt.running, tt.later)
			}
		}
	})
}

func live(r *rig, id string) string {
	switch task := r.task(id); {
	case at(task, "live_url_info", "live_url") != nil:
		return "info"
	case task["live_url"] != nil:
		return "deprecated"
	}
	return "none"
}

func TestStepsAppearAsTheyBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.post("run-task-by-template", map[string]any{
			"workflow_template_id": "77577579210625331",
			"input_parameters":     simulator.Inputs{{Name: "keywords", Value: "tea rooms"}},
		})
		id := r.Tasks()[0].ID
		time.Sleep(21 * time.Second)
		var got []string
		for _, s := range r.task(id)["steps"].([]any) {
			got = append(got, fmt.Sprint(at(s, "step"), " ", at(s, "status"), ": ", at(s, "step_goal"), " <", at(s, "evaluation_previous_goal"), ">"))
		}
		want := []string{"1 succeed: Open Google Maps <<nil>>", "2 running: Search for tea rooms <Success - Google Maps is open.>"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		time.Sleep(2 * time.Minute)
		text, _ := at(r.task(id), "output", "string").(string)
		if n := strings.Count(text, `"category":"tea rooms"`); n != 20 {
			t.Errorf("%d rows about tea rooms, want 20, in\n%.300s", n, text)
		}
	})
}

func TestOddShapes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		body := r.ask("Odd Shapes", simulator.NameValue{Name: "keyword", Value: "lamp"})
		body["save_browser_data"] = true
		started := r.post("run-task", body)
		id := r.Tasks()[0].ID
		if _, number := started.object["id"].(json.Number); !number || started.object["profileId"] != r.Tasks()[0].ProfileID {
			t.Errorf("run answered %s, want the id as a number, and profileId", started.raw)
		}
		open := r.get("get-task", "task_id", id)
		if got := open.header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
			t.Errorf("Content-Type %q, want text/plain", got)
		}
		if got := open.object; got["created_at"] != nil || got["finished_at"] != "2000-01-01T00:00:00Z" || got["steps"] != nil {
			t.Errorf("an open task says %s, want created_at null, finished_at set, steps null", open.raw)
		}
		if diff := cmp.Diff([]any{map[string]any{"name": "keyword", "value": "lamp"}}, open.object["input_parameters"]); diff != "" {
			t.Errorf("input_parameters (-want +got):\n%s", diff)
		}
	})
}

func TestWordIDsAndWrappedAnswers(t *testing.T) {
	t.Parallel()
	r := start(t)
	if got := r.post("run-task", r.ask("Odd Ids")).object["id"]; got != "task_000001" {
		t.Errorf("id %v, want task_000001", got)
	}
	wrapped := r.post("run-task", r.ask("Wrapped Answers"))
	id := r.Tasks()[1].ID
	codes := []string{wrapped.code(), r.get("get-task", "task_id", id).code()}
	slices.Sort(codes)
	if at(wrapped.object, "data", "id") != id || !slices.Equal(codes, []string{"0", "200"}) {
		t.Errorf("run answered %s, want the id in data; codes %q, want 0 and 200", wrapped.raw, codes)
	}
}
