package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// rig is an account on its in-memory network, and a caller.
type rig struct {
	*simulator.Account
	t   *testing.T
	net *simulator.Server
	key string
}

func start(t *testing.T, opts ...simulator.Option) *rig {
	t.Helper()
	a := simulator.New(opts...)
	s := a.Start()
	t.Cleanup(s.Close)
	return &rig{a, t, s, simulator.Key}
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	raw    string
	object map[string]any // if it is a JSON object
}

// items are the objects of a page.
func (r reply) items() []map[string]any {
	list, _ := r.object["items"].([]any)
	items := make([]map[string]any, len(list))
	for i, item := range list {
		items[i] = item.(map[string]any)
	}
	return items
}

// code is that of an envelope, or "".
func (r reply) code() string {
	n, _ := r.object["code"].(json.Number)
	return n.String()
}

// request is a request that BrowserAct has no reason to refuse.
func (r *rig) request(method, endpoint string, query url.Values, body string) *http.Request {
	r.t.Helper()
	target := r.net.URL + "/v2/workflow/" + endpoint
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var send io.Reader
	if body != "" {
		send = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, target, send)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// send sends a request and reads the reply; it fails the test without one.
func (r *rig) send(req *http.Request) reply {
	r.t.Helper()
	got, err := r.try(req)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// try sends a request and reads the reply, if there is one.
func (r *rig) try(req *http.Request) (reply, error) {
	res, err := r.net.Client().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	got := reply{status: res.StatusCode, header: res.Header, raw: string(raw)}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	_ = dec.Decode(&got.object)
	return got, err
}

// get calls an endpoint with a query of name, value pairs.
func (r *rig) get(endpoint string, pairs ...string) reply {
	r.t.Helper()
	return r.send(r.request(http.MethodGet, endpoint, pairsOf(pairs...), ""))
}

func (r *rig) put(endpoint, taskID string) reply {
	r.t.Helper()
	return r.send(r.request(http.MethodPut, endpoint, pairsOf("task_id", taskID), ""))
}

func (r *rig) post(endpoint string, body any) reply {
	r.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.send(r.request(http.MethodPost, endpoint, nil, string(data)))
}

func pairsOf(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

// ask is the body of a run of a workflow of the rig's key.
func (r *rig) ask(workflow string, in ...simulator.NameValue) map[string]any {
	r.t.Helper()
	for _, w := range r.WorkflowsOf(r.key) {
		if w.Name == workflow {
			return map[string]any{"workflow_id": w.ID, "input_parameters": append(simulator.Inputs{}, in...)}
		}
	}
	r.t.Fatalf("no workflow %q", workflow)
	return nil
}

// run starts a workflow and returns the task's id.
func (r *rig) run(workflow string, in ...simulator.NameValue) string {
	r.t.Helper()
	before := len(r.Tasks())
	got := r.post("run-task", r.ask(workflow, in...))
	tasks := r.Tasks()
	if got.status != http.StatusOK || len(tasks) != before+1 {
		r.t.Fatalf("run of %q answered %d %s and left %d new tasks", workflow, got.status, got.raw, len(tasks)-before)
	}
	return tasks[len(tasks)-1].ID
}

// status asks for a task's status.
func (r *rig) status(taskID string) any {
	r.t.Helper()
	return r.get("get-task-status", "task_id", taskID).object["status"]
}

// task asks for a task.
func (r *rig) task(taskID string) map[string]any {
	r.t.Helper()
	return r.get("get-task", "task_id", taskID).object
}

// at follows a path of member names into an object.
func at(v any, path ...string) any {
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}
