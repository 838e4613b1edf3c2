package simulator

import (
	"cmp"
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

// integer returns a query parameter that was checked.
func (c *call) integer(name string, missing int) int {
	if n, err := strconv.Atoi(c.query.Get(name)); err == nil {
		return n
	}
	return missing
}

func (c *call) runTask() answer {
	r := c.run()
	b := find(c.workflows(), r.WorkflowID)
	switch {
	case b == nil:
		return noWorkflow()
	case b.Unpublished:
		return refuse(codeNotPublished, "not published")
	}
	return c.create(b, r)
}

func (c *call) runTemplate() answer {
	r := c.run()
	r.Region = cmp.Or(r.Region, "US")
	b := find(c.templates(), r.TemplateID)
	switch {
	case b == nil:
		return noTemplate()
	case !slices.ContainsFunc(regions(), func(known region) bool { return known.Code == r.Region }):
		return refuse(codeUnknownRegion, "Region is not supported.")
	}
	return c.create(b, r)
}

// create makes a task and answers its id.
func (c *call) create(b *blueprint, r runRequest) answer {
	if refused := b.Scenario.Refuse; refused != nil {
		return refuse(refused.Code, refused.Message)
	}
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	if c.workspace.open() >= c.account.concurrency {
		return refuse(codeTooMany, "Running tasks number exceeds.")
	}
	t := c.account.newTask(c.workspace, b, r)
	return t.answer(t.startedObject())
}

// open counts the tasks that have not ended.
func (ws *workspace) open() int {
	n := 0
	for _, t := range ws.tasks {
		if t.now().open() {
			n++
		}
	}
	return n
}

// newTask adds a task. The caller holds mu.
func (a *Account) newTask(ws *workspace, b *blueprint, r runRequest) *task {
	n := a.ids.next(kindTask)
	t := &task{
		account: a, id: number(kindTask, n), number: n, key: ws.key, blueprint: b,
		request: r, profile: r.ProfileID, created: a.clock.now(),
	}
	if b.Scenario.Quirks.WordID {
		t.id = wordID(n)
	}
	if r.SaveBrowserData && t.profile == "" {
		t.profile = number(kindProfile, n)
	}
	for _, other := range ws.tasks {
		if b.Scenario.OneAtATime && other.blueprint == b {
			t.before = other
		}
	}
	ws.tasks = append(ws.tasks, t)
	a.tasks[t.id] = t
	return t
}

// find returns the task that the request names and its state, or nil. The caller holds
// mu.
func (c *call) find() (*task, state) {
	t := c.account.tasks[c.query.Get("task_id")]
	if t == nil || t.key != c.workspace.key {
		return nil, state{}
	}
	return t, t.now()
}

// read answers with a task as show writes it.
func (c *call) read(show func(*task, state) object) answer {
	c.account.mu.Lock()
	t, s := c.find()
	c.account.mu.Unlock()
	if t == nil {
		return noTask()
	}
	return t.answer(show(t, s))
}

// act changes a task, and answers nothing or a refusal.
func (c *call) act(change func(*task, state) answer) answer {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	t, s := c.find()
	if t == nil {
		return noTask()
	}
	return change(t, s)
}

func noTask() answer { return refuse(codeNoTask, "Task is not exist.") }

func (c *call) getTaskStatus() answer {
	return c.read(func(_ *task, s state) (o object) {
		o.set("status", s.status)
		return o
	})
}

func (c *call) getTask() answer { return c.read((*task).detailObject) }

func (c *call) resumeTask() answer {
	return c.act(func(t *task, s state) answer {
		if s.status != statusPaused {
			return refuse(codeNotPaused, "Task resume only use for paused task")
		}
		t.resumes = append(t.resumes, c.account.clock.now())
		return answer{}
	})
}

func (c *call) stopTask() answer {
	return c.act(func(t *task, s state) answer {
		if !s.open() {
			return answer{status: http.StatusOK, code: codeEnded, msg: "Task has completed."}
		}
		t.interrupt(interruption{status: statusCanceled})
		return answer{}
	})
}

func (c *call) listTasks() answer {
	return list(c, c.filter(), func(found listed) object { return found.task.itemObject(found.state) })
}

// listed is a task and its state when it was listed.
type listed struct {
	task  *task
	state state
}

// filter returns the tasks that the query asks for, newest first.
func (c *call) filter() []listed {
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []listed
	now := a.clock.now()
	for _, t := range slices.Backward(c.workspace.tasks) {
		if now.Sub(t.created) < a.listLag || !t.matches(c) {
			continue
		}
		s := t.at(now)
		if want := c.query.Get("status"); want == "" || want == s.status {
			found = append(found, listed{t, s})
		}
	}
	return found
}

// matches reports whether all filters but the status match the task. Times are
// compared as the API shows them, in whole seconds.
func (t *task) matches(c *call) bool {
	created := t.account.clock.api(t.created).Truncate(time.Second)
	if from, err := time.Parse(time.RFC3339, c.query.Get("created_at_from")); err == nil && created.Before(from) {
		return false
	}
	if to, err := time.Parse(time.RFC3339, c.query.Get("created_at_to")); err == nil && created.After(to) {
		return false
	}
	if id := c.query.Get("workflow_id"); id != "" && id != t.blueprint.ID {
		return false
	}
	return strings.Contains(strings.ToLower(t.blueprint.Name), strings.ToLower(c.query.Get("workflow_name")))
}
