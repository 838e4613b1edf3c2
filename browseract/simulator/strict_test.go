package simulator_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestWhatTheDescriptionForbidsIsRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	runnable := r.Workflow("Price Monitor").ID
	long := "https://hooks.example/" + strings.Repeat("x", 2048)
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		says                       string
	}{
		{"unknown path", "GET", "get-tasks", "", 404, "Not Found"},
		{"trailing slash", "GET", "get-region-list/", "", 404, "Not Found"},
		{"wrong method", "POST", "stop-task?task_id=1", "", 405, "Method Not Allowed"},
		{"GET of a run", "GET", "run-task", "", 405, "Method Not Allowed"},
		{"unknown query parameter", "GET", "get-task?task_id=1&verbose=1", "", 400, `unknown query parameter "verbose"`},
		{"parameter of another endpoint", "GET", "list-workflows?keyword=x", "", 400, `unknown query parameter "keyword"`},
		{"query on a run", "POST", "run-task?workflow_id=1", `{"workflow_id":"1"}`, 400, `unknown query parameter "workflow_id"`},
		{"parameter twice", "GET", "list-tasks?limit=1&limit=2", "", 400, `"limit" is given twice`},
		{"malformed query", "GET", "get-task?task_id=%zz", "", 400, "invalid URL escape"},
		{"missing parameter", "GET", "get-task", "", 400, `query parameter "task_id" is required`},
		{"empty parameter", "PUT", "resume-task?task_id=", "", 400, `query parameter "task_id" is empty`},
		{"limit 0", "GET", "list-tasks?limit=0", "", 400, "0 is not between 1 and 500"},
		{"limit 501", "GET", "list-workflows?limit=501", "", 400, "501 is not between 1 and 500"},
		{"page 0", "GET", "list-tasks?page=0", "", 400, "0 is not between 1"},
		{"limit no number", "GET", "list-tasks?limit=ten", "", 400, `"ten" is no integer`},
		{"limit with a fraction", "GET", "list-tasks?limit=1.0", "", 400, `"1.0" is no integer`},
		{"biz_code above 32 bits", "PUT", "stop-task?task_id=1&biz_code=4294967296", "", 400, "is no integer"},
		{"no status", "GET", "list-tasks?status=done", "", 400, `"done" is no status`},
		{"no time zone", "GET", "list-tasks?created_at_from=2025-10-08T09:54:10", "", 400, "created_at_from"},
		{"a date", "GET", "list-tasks?created_at_to=2025-10-08", "", 400, "created_at_to"},
		{"body on a GET", "GET", "get-region-list", `{}`, 400, "takes no body"},
		{"body on a PUT", "PUT", "stop-task?task_id=1", `{}`, 400, "takes no body"},
		{"no object", "POST", "run-task", `["1"]`, 400, "is no JSON object"},
		{"invalid JSON", "POST", "run-task", `{"workflow_id":"1",}`, 400, "is no valid JSON"},
		{"cut off", "POST", "run-task", `{"workflow_id":"1"`, 400, "is no valid JSON"},
		{"two objects", "POST", "run-task", `{"workflow_id":"1"} {}`, 400, "goes on after its end"},
		{"invalid UTF-8", "POST", "run-task", "{\"workflow_id\":\"\xff\"}", 400, "is not UTF-8"},
		{"unknown member", "POST", "run-task", `{"workflow_id":"1","region":"US"}`, 400, `unknown member "region"`},
		{"member of the other run", "POST", "run-task", `{"workflow_id":"1","proxyRegion":"US"}`, 400, `unknown member "proxyRegion"`},
		{"profile of a template", "POST", "run-task-by-template", `{"workflow_template_id":"1","profile_id":"2"}`, 400, `unknown member "profile_id"`},
		{"another case", "POST", "run-task", `{"Workflow_ID":"1"}`, 400, `unknown member "Workflow_ID"`},
		{"member twice", "POST", "run-task", `{"workflow_id":"1","workflow_id":"2"}`, 400, `has "workflow_id" twice`},
		{"missing member", "POST", "run-task", `{}`, 400, `member "workflow_id" is required`},
		{"empty id", "POST", "run-task", `{"workflow_id":""}`, 400, `member "workflow_id" is empty`},
		{"id as a number", "POST", "run-task", `{"workflow_id":1}`, 400, `member "workflow_id" is no string`},
		{"null", "POST", "run-task", `{"workflow_id":"1","profile_id":null}`, 400, `member "profile_id" is no string`},
		{"boolean as text", "POST", "run-task", `{"workflow_id":"1","save_browser_data":"true"}`, 400, `"save_browser_data" is no boolean`},
		{"inputs as an object", "POST", "run-task", `{"workflow_id":"1","input_parameters":{"a":"b"}}`, 400, `"input_parameters" is no array`},
		{"input as text", "POST", "run-task", `{"workflow_id":"1","input_parameters":["a"]}`, 400, "item 0: is no JSON object"},
		{"input with a number", "POST", "run-task", `{"workflow_id":"1","input_parameters":[{"name":"a","value":1}]}`, 400, `item 0: member "value" is no string`},
		{"input without a name", "POST", "run-task", `{"workflow_id":"1","input_parameters":[{"name":"a"},{"value":"1"}]}`, 400, `item 1: member "name" is required`},
		{"input with more", "POST", "run-task", `{"workflow_id":"1","input_parameters":[{"name":"a","value":"1","type":"s"}]}`, 400, `unknown member "type"`},
		{"callback to another scheme", "POST", "run-task", `{"workflow_id":"1","callback_url":"ftp://a.example"}`, 400, "no http or https URL"},
		{"callback that is long", "POST", "run-task", `{"workflow_id":"1","callback_url":"` + long + `"}`, 400, "longer than 2048"},
		{"callback to this machine", "POST", "run-task", `{"workflow_id":"1","status_change_callback_url":"http://localhost:1/"}`, 400, "not publicly reachable"},
		{"callback to a private network", "POST", "run-task", `{"workflow_id":"1","callback_url":"http://10.0.0.1/"}`, 400, "not publicly reachable"},
		{"body of 5 MB", "POST", "run-task", `{"workflow_id":"` + strings.Repeat("1", 5<<20) + `"}`, 413, "Content Too Large"},
	} {
		req := r.request(tt.method, "", nil, strings.ReplaceAll(tt.body, `"1"`, `"`+runnable+`"`))
		req.URL.Path, req.URL.RawQuery, _ = strings.Cut(req.URL.Path+tt.target, "?")
		got := r.send(req)
		if msg, _ := got.object["msg"].(string); got.status != tt.status || !strings.Contains(msg, tt.says) {
			t.Errorf("%s: answered %d %.300s, want %d and %q", tt.name, got.status, got.raw, tt.status, tt.says)
		}
	}
	if n := len(r.Tasks()); n != 0 {
		t.Errorf("%d tasks were created", n)
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

func TestErrorEnvelopeComesInBothGuises(t *testing.T) {
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

func TestRequestsAreWrittenDown(t *testing.T) {
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
		t.Errorf("the stranger: %+v", q)
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
