package simulator_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

var update = flag.Bool("update", false, "write the golden file")

func TestRequestsOutsideTheDescriptionAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	runnable := r.Workflow("Price Monitor").ID
	long := "https://hooks.example/" + strings.Repeat("x", 2048)
	var messages strings.Builder
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
	}{
		{"unknown path", "GET", "get-tasks", "", 404},
		{"trailing slash", "GET", "get-region-list/", "", 404},
		{"wrong method", "POST", "stop-task?task_id=1", "", 405},
		{"GET of a run", "GET", "run-task", "", 405},
		{"unknown query parameter", "GET", "get-task?task_id=1&verbose=1", "", 400},
		{"parameter of another endpoint", "GET", "list-workflows?keyword=x", "", 400},
		{"query on a run", "POST", "run-task?workflow_id=1", `{"workflow_id":"1"}`, 400},
		{"parameter twice", "GET", "list-tasks?limit=1&limit=2", "", 400},
		{"malformed query", "GET", "get-task?task_id=%zz", "", 400},
		{"missing parameter", "GET", "get-task", "", 400},
		{"empty parameter", "PUT", "resume-task?task_id=", "", 400},
		{"limit 0", "GET", "list-tasks?limit=0", "", 400},
		{"limit 501", "GET", "list-workflows?limit=501", "", 400},
		{"page 0", "GET", "list-tasks?page=0", "", 400},
		{"limit is not a number", "GET", "list-tasks?limit=ten", "", 400},
		{"limit with a fraction", "GET", "list-tasks?limit=1.0", "", 400},
		{"biz_code above 32 bits", "PUT", "stop-task?task_id=1&biz_code=4294967296", "", 400},
		{"unknown status", "GET", "list-tasks?status=done", "", 400},
		{"no time zone", "GET", "list-tasks?created_at_from=2025-10-08T09:54:10", "", 400},
		{"a date", "GET", "list-tasks?created_at_to=2025-10-08", "", 400},
		{"body on a GET", "GET", "get-region-list", `{}`, 400},
		{"body on a PUT", "PUT", "stop-task?task_id=1", `{}`, 400},
		{"no object", "POST", "run-task", `["1"]`, 400},
		{"invalid JSON", "POST", "run-task", `{"workflow_id":"1",}`, 400},
		{"cut off", "POST", "run-task", `{"workflow_id":"1"`, 400},
		{"two objects", "POST", "run-task", `{"workflow_id":"1"} {}`, 400},
		{"invalid UTF-8", "POST", "run-task", "{\"workflow_id\":\"\xff\"}", 400},
		{"unknown member", "POST", "run-task", `{"workflow_id":"1","region":"US"}`, 400},
		{"member of the other run", "POST", "run-task", `{"workflow_id":"1","proxyRegion":"US"}`, 400},
		{"profile of a template", "POST", "run-task-by-template", `{"workflow_template_id":"1","profile_id":"2"}`, 400},
		{"another case", "POST", "run-task", `{"Workflow_ID":"1"}`, 400},
		{"member twice", "POST", "run-task", `{"workflow_id":"1","workflow_id":"2"}`, 400},
		{"missing member", "POST", "run-task", `{}`, 400},
		{"empty id", "POST", "run-task", `{"workflow_id":""}`, 400},
		{"id as a number", "POST", "run-task", `{"workflow_id":1}`, 400},
		{"null", "POST", "run-task", `{"workflow_id":"1","profile_id":null}`, 400},
		{"boolean as text", "POST", "run-task", `{"workflow_id":"1","save_browser_data":"true"}`, 400},
		{"inputs as an object", "POST", "run-task", `{"workflow_id":"1","input_parameters":{"a":"b"}}`, 400},
		{"input as text", "POST", "run-task", `{"workflow_id":"1","input_parameters":["a"]}`, 400},
		{"input with a number", "POST", "run-task", `{"workflow_id":"1","input_parameters":[{"name":"a","value":1}]}`, 400},
		{"input without a name", "POST", "run-task", `{"workflow_id":"1","input_parameters":[{"name":"a"},{"value":"1"}]}`, 400},
		{"input with more", "POST", "run-task", `{"workflow_id":"1","input_parameters":[{"name":"a","value":"1","type":"s"}]}`, 400},
		{"callback to another scheme", "POST", "run-task", `{"workflow_id":"1","callback_url":"ftp://a.example"}`, 400},
		{"callback that is long", "POST", "run-task", `{"workflow_id":"1","callback_url":"` + long + `"}`, 400},
		{"callback to this machine", "POST", "run-task", `{"workflow_id":"1","status_change_callback_url":"http://localhost:1/"}`, 400},
		{"callback to a private network", "POST", "run-task", `{"workflow_id":"1","callback_url":"http://10.0.0.1/"}`, 400},
		{"body of 5 MB", "POST", "run-task", `{"workflow_id":"` + strings.Repeat("1", 5<<20) + `"}`, 413},
	} {
		req := r.request(tt.method, "", nil, strings.ReplaceAll(tt.body, `"1"`, `"`+runnable+`"`))
		req.URL.Path, req.URL.RawQuery, _ = strings.Cut(req.URL.Path+tt.target, "?")
		got := r.send(req)
		if got.status != tt.status {
			t.Errorf("%s: answered %d %.300s, want %d", tt.name, got.status, got.raw, tt.status)
		}
		fmt.Fprintf(&messages, "%s: %v\n", tt.name, got.object["msg"])
	}
	golden(t, messages.String())
	if n := len(r.Tasks()); n != 0 {
		t.Errorf("%d tasks were created", n)
	}
}

// golden compares text with the package's golden file, or writes it.
func golden(t *testing.T, got string) {
	t.Helper()
	const name = "testdata/messages.golden"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("messages changed; if that is right, run go test ./browseract/... -update\n%s", diff)
	}
}

func TestHeadersAreChecked(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, tt := range []struct {
		name, header, value string
		status              int
	}{
		{"no key", "Authorization", "", 401},
		{"wrong key", "Authorization", "Bearer app-other", 401},
		{"bare key", "Authorization", simulator.Key, 401},
		{"another scheme", "Authorization", "Basic " + simulator.Key, 401},
		{"no Content-Type", "Content-Type", "", 415},
		{"a form", "Content-Type", "application/x-www-form-urlencoded", 415},
		{"another charset", "Content-Type", "application/json; charset=latin1", 415},
		{"compressed", "Content-Encoding", "gzip", 415},
		{"as it should be", "Content-Type", "application/json; charset=UTF-8", 200},
	} {
		req := r.request(http.MethodPost, "run-task", nil, `{"workflow_id":"`+r.Workflow("Price Monitor").ID+`"}`)
		req.Header.Set(tt.header, tt.value)
		if got := r.send(req); got.status != tt.status {
			t.Errorf("%s: answered %d %s, want %d", tt.name, got.status, got.raw, tt.status)
		}
	}
}

func TestErrorEnvelopesHaveBothForms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, simulator.WithAuthStatus(http.StatusForbidden))
		r.key = "app-wrong"
		times, types, traces := map[any]bool{}, map[string]bool{}, map[any]bool{}
		for range 4 {
			got := r.get("get-region-list")
			if got.status != http.StatusForbidden || got.code() != "401" || got.object["msg"] != "Invalid authorization" {
				t.Errorf("answered %d %s, want 403 with code 401", got.status, got.raw)
			}
			if data, ok := got.object["data"]; !ok || data != nil {
				t.Errorf("data %v, want null", data)
			}
			times[got.object["time"]], types[got.header.Get("Content-Type")], traces[got.object["traceId"]] = true, true, true
		}
		if !times["2000-01-01T00:00:00Z"] || !times["2000-01-01 00:00:00"] || !types["*/*"] || !types["application/json"] || len(traces) != 4 {
			t.Errorf("times %v, types %v, traces %v; want two forms, two types, four traces", times, types, traces)
		}
	})
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.post("run-task", map[string]any{"workflow_id": "1"})
	r.get("list-tasks", "limit", "5")
	r.key = "app-wrong"
	r.get("nothing")
	got := r.Requests()
	if len(got) != 3 {
		t.Fatalf("%d requests, want 3", len(got))
	}
	if q := got[0]; q.Endpoint != "run-task" || q.Method != http.MethodPost || string(q.Body) != `{"workflow_id":"1"}` || q.Status != 400 || q.Key != simulator.Key {
		t.Errorf("the run: %+v", q)
	}
	if q := got[1]; q.Endpoint != "list-tasks" || q.Query.Get("limit") != "5" || q.Status != 200 || q.Path != "/v2/workflow/list-tasks" {
		t.Errorf("the list: %+v", q)
	}
	if q := got[2]; q.Endpoint != "" || q.Status != 401 || q.Key != "app-wrong" || q.Header.Get("Authorization") != "" {
		t.Errorf("the unknown key: %+v", q)
	}
}

func TestIDsDoNotSurviveAFloat(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithKeys(simulator.Key, "app-other"))
	var list []string
	for range 5 {
		list = append(list, r.run("Price Monitor"))
	}
	for _, key := range []string{simulator.Key, "app-other"} {
		for _, w := range r.WorkflowsOf(key) {
			list = append(list, w.ID)
		}
	}
	for _, tpl := range r.Templates()[6:] {
		list = append(list, tpl.ID)
	}
	digits, seen := regexp.MustCompile(`^[89]\d{15}[13579]$`), map[string]bool{}
	for _, id := range list {
		if !digits.MatchString(id) || seen[id] {
			t.Errorf("id %q is not odd with 17 digits, or not the first of its kind", id)
		}
		seen[id] = true
	}
}
