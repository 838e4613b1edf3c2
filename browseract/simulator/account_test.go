package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// rig is an account on its in-memory network, and somebody who asks it.
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

// reply is what came back.
type reply struct {
	status int
	header http.Header
	raw    []byte
	object map[string]any // of a JSON object
}

func (r *rig) do(method, endpoint string, query url.Values, body any) reply {
	r.t.Helper()
	var send io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		send = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.net.URL+"/v2/workflow/"+endpoint+"?"+query.Encode(), send)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return r.send(req)
}

func (r *rig) send(req *http.Request) reply {
	r.t.Helper()
	res, err := r.net.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	got := reply{status: res.StatusCode, header: res.Header, raw: raw}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	_ = dec.Decode(&got.object)
	return got
}

// get asks an endpoint with name, value pairs.
func (r *rig) get(endpoint string, pairs ...string) reply {
	r.t.Helper()
	return r.do(http.MethodGet, endpoint, query(pairs...), nil)
}

func (r *rig) put(endpoint, taskID string) reply {
	r.t.Helper()
	return r.do(http.MethodPut, endpoint, query("task_id", taskID), nil)
}

func query(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

// run starts a workflow by its name and returns the task's id.
func (r *rig) run(workflow string, in ...simulator.NameValue) string {
	r.t.Helper()
	before := len(r.Tasks())
	got := r.do(http.MethodPost, "run-task", nil, map[string]any{
		"workflow_id": r.Workflow(workflow).ID, "input_parameters": append([]simulator.NameValue{}, in...),
	})
	tasks := r.Tasks()
	if got.status != http.StatusOK || len(tasks) != before+1 {
		r.t.Fatalf("run of %q answered %d %s", workflow, got.status, got.raw)
	}
	return tasks[len(tasks)-1].ID
}

func (r *rig) status(taskID string) any {
	r.t.Helper()
	return r.get("get-task-status", "task_id", taskID).object["status"]
}

func TestRunGoesThroughItsPhases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := r.run("Price Monitor")
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "created"}, {4 * time.Second, "running"}, {time.Minute, "finished"}} {
			time.Sleep(step.after)
			if got := r.status(id); got != step.want {
				t.Errorf("after %v more: status %v, want %v", step.after, got, step.want)
			}
		}
	})
}
