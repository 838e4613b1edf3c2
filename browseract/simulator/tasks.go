package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runRequest is the body of either run.
type runRequest struct {
	WorkflowID              string `json:"workflow_id"`
	TemplateID              string `json:"workflow_template_id"`
	Inputs                  Inputs `json:"input_parameters"`
	Region                  string `json:"proxyRegion"`
	SaveBrowserData         bool   `json:"save_browser_data"`
	ProfileID               string `json:"profile_id"`
	CallbackURL             string `json:"callback_url"`
	StatusChangeCallbackURL string `json:"status_change_callback_url"`
}

// run decodes a body that was checked.
func (c *call) run() runRequest {
	var r runRequest
	if err := json.Unmarshal(c.body, &r); err != nil {
		panic(fmt.Sprintf("simulator: a checked body does not decode: %v", err))
	}
	return r
}

// integer is a query parameter that was checked.
func (c *call) integer(name string, missing int) int {
	if n, err := strconv.Atoi(c.query.Get(name)); err == nil {
		return n
	}
	return missing
}

func (a *Account) runTask(c *call) answer {
	r := c.run()
	b := a.workflow(c.workspace, r.WorkflowID)
	if b == nil {
		return a.failure(&refusal{code: codeNoWorkflow, msg: "Workflow is not exist."})
	}
	if b.unpublished {
		return a.failure(&refusal{code: codeNotPublished, msg: "not published"})
	}
	return a.create(c, b, r, "")
}

func (a *Account) runTemplate(c *call) answer {
	r := c.run()
	b := a.template(r.TemplateID)
	if b == nil {
		return a.failure(&refusal{code: codeNoTemplate, msg: "Workflow template is not exist."})
	}
	if r.Region == "" {
		r.Region = "US"
	}
	if !slices.ContainsFunc(regions(), func(known region) bool { return known.Code == r.Region }) {
		return a.failure(&refusal{code: codeUnknownRegion, msg: "Region is not supported."})
	}
	return a.create(c, b, r, r.Region)
}

// create makes a task and answers its id.
func (a *Account) create(c *call, b *blueprint, r runRequest, region string) answer {
	if refused := b.scenario.Refuse; refused != nil {
		return a.failure(&refusal{code: refused.Code, msg: refused.Message})
	}
	a.mu.Lock()
	if c.workspace.open(a.now()) >= a.concurrency {
		a.mu.Unlock()
		return a.failure(&refusal{code: codeTooMany, msg: "Running tasks number exceeds."})
	}
	t := a.newTask(c.workspace, b, r, region)
	a.mu.Unlock()
	return a.taskAnswer(t, t.startedObject())
}

// open counts the tasks that have not ended.
func (ws *workspace) open(now time.Time) int {
	n := 0
	for _, t := range ws.tasks {
		if t.at(now).open() {
			n++
		}
	}
	return n
}

// newTask adds a task. The caller holds mu, as for all that looks at tasks.
func (a *Account) newTask(ws *workspace, b *blueprint, r runRequest, region string) *task {
	n := a.ids.next(kindTask)
	t := &task{
		account: a, id: number(kindTask, n), number: n, key: ws.key, blueprint: b,
		request: r, region: region, profile: r.ProfileID, created: a.now(),
	}
	if b.scenario.Quirks.WordID {
		t.id = wordID(n)
	}
	if r.SaveBrowserData && t.profile == "" {
		t.profile = number(kindProfile, n)
	}
	if b.scenario.OneAtATime {
		t.before = ws.latest(b)
	}
	ws.tasks = append(ws.tasks, t)
	a.tasks[t.id] = t
	return t
}

// latest is the last task of a blueprint, or nil.
func (ws *workspace) latest(b *blueprint) *task {
	for _, t := range slices.Backward(ws.tasks) {
		if t.blueprint == b {
			return t
		}
	}
	return nil
}

// find looks up the task that a request names and its state now.
func (a *Account) find(c *call) (*task, state, *refusal) {
	t := a.tasks[c.query.Get("task_id")]
	if t == nil || t.key != c.workspace.key {
		return nil, state{}, &refusal{code: codeNoTask, msg: "Task is not exist."}
	}
	return t, t.at(a.now()), nil
}

func (a *Account) getTaskStatus(c *call) answer {
	a.mu.Lock()
	t, s, f := a.find(c)
	a.mu.Unlock()
	if f != nil {
		return a.failure(f)
	}
	var o object
	o.set("status", s.status)
	return a.taskAnswer(t, o)
}

func (a *Account) getTask(c *call) answer {
	a.mu.Lock()
	t, s, f := a.find(c)
	a.mu.Unlock()
	if f != nil {
		return a.failure(f)
	}
	return a.taskAnswer(t, t.detailObject(s))
}

func (a *Account) listTasks(c *call) answer {
	a.mu.Lock()
	found := a.filter(c, a.now())
	a.mu.Unlock()
	p := paged(c, found)
	items := make([][]byte, len(p.Items))
	for i, v := range p.Items {
		items[i] = v.task.itemObject(v.state).json()
	}
	var o object
	o.set("page", p.Page)
	o.set("limit", p.Limit)
	o.raw("items", array(items))
	o.set("total_pages", p.TotalPages)
	o.set("total_count", p.TotalCount)
	return answer{status: http.StatusOK, body: o.json()}
}

// seen is a task and the state it was found in.
type seen struct {
	task  *task
	state state
}

// filter finds the tasks that the query asks for, newest first.
func (a *Account) filter(c *call, now time.Time) []seen {
	var found []seen
	for _, t := range slices.Backward(c.workspace.tasks) {
		if now.Sub(t.created) < a.listLag || !t.matches(c) {
			continue
		}
		s := t.at(now)
		if want := c.query.Get("status"); want == "" || want == s.status {
			found = append(found, seen{t, s})
		}
	}
	return found
}

// matches tells whether the filters but that for the status let the task pass.
// Times are compared as the API tells them, in whole seconds.
func (t *task) matches(c *call) bool {
	created := t.account.apiTime(t.created).Truncate(time.Second)
	if from, err := time.Parse(time.RFC3339, c.query.Get("created_at_from")); err == nil && created.Before(from) {
		return false
	}
	if to, err := time.Parse(time.RFC3339, c.query.Get("created_at_to")); err == nil && created.After(to) {
		return false
	}
	if id := c.query.Get("workflow_id"); id != "" && id != t.blueprint.workflowID {
		return false
	}
	return strings.Contains(strings.ToLower(t.blueprint.name), strings.ToLower(c.query.Get("workflow_name")))
}

func (a *Account) resumeTask(c *call) answer {
	a.mu.Lock()
	t, s, f := a.find(c)
	if f == nil && s.status != statusPaused {
		f = &refusal{code: codeNotPaused, msg: "Task resume only use for paused task"}
	}
	if f == nil {
		t.resumes = append(t.resumes, a.now())
	}
	a.mu.Unlock()
	return a.done(f)
}

func (a *Account) stopTask(c *call) answer {
	a.mu.Lock()
	t, s, f := a.find(c)
	if f == nil && !s.open() {
		f = &refusal{status: http.StatusOK, code: codeEnded, msg: "Task has completed."}
	}
	if f == nil {
		t.ending = &ending{at: a.now(), status: statusCanceled}
	}
	a.mu.Unlock()
	return a.done(f)
}

// done is an empty body, or the error.
func (a *Account) done(f *refusal) answer {
	if f != nil {
		return a.failure(f)
	}
	return answer{status: http.StatusOK}
}
