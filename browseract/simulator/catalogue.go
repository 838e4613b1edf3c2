package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Workflow is a workflow of the account.
type Workflow struct {
	ID          string // empty: one is generated
	Name        string
	Description string
	Inputs      []Input
	Unpublished bool // publish_at is null and a run is refused with code 10020
	Scenario    Scenario
}

// Template is an official template.
type Template struct {
	ID          string // empty: one is generated
	Name        string
	Description string
	Recommend   string // recommendDesc, the one-line description; empty: the description
	Inputs      []Input
	Scenario    Scenario
}

// Input is a parameter that a workflow or template declares.
type Input struct {
	Name     string
	Required bool // default_enabled is its opposite
}

// Inputs are the parameters of a run, in the order in which they were sent.
type Inputs []NameValue

// NameValue is a parameter of a run.
type NameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Get returns the value of a name, or the fallback if it is missing or blank.
func (in Inputs) Get(name, fallback string) string {
	for _, nv := range in {
		if nv.Name == name {
			return cmp.Or(strings.TrimSpace(nv.Value), fallback)
		}
	}
	return fallback
}

// A workspace is what belongs to one key.
type workspace struct {
	key       string
	number    int // of the key, from 0
	workflows []*blueprint
	tasks     []*task // oldest first
}

// A blueprint is what can be run: a workflow of one key, or a template.
type blueprint struct {
	Workflow           // of a template with the id of its hidden workflow
	template Template  // zero for a workflow
	created  time.Time // by the API's clock
}

// declared returns those of the inputs that the blueprint declares.
func (b *blueprint) declared(in Inputs) Inputs {
	return slices.DeleteFunc(slices.Clone(in), func(nv NameValue) bool {
		return !slices.ContainsFunc(b.Inputs, func(i Input) bool { return i.Name == nv.Name })
	})
}

// AddWorkflow adds a workflow under every key and returns its id. A generated id
// differs from key to key; the first key's is returned.
func (a *Account) AddWorkflow(w Workflow) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.ids.next(kindWorkflow)
	given := w.ID
	for _, key := range slices.Backward(a.keys) {
		ws := a.workspaces[key]
		w.ID = cmp.Or(given, workflowID(ws.number, n))
		ws.workflows = append(ws.workflows, &blueprint{Workflow: w, created: creation(n)})
	}
	return w.ID
}

// AddTemplate adds an official template for every key and returns its id.
func (a *Account) AddTemplate(t Template) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.ids.next(kindTemplate)
	t.ID, t.Recommend = cmp.Or(t.ID, number(kindTemplate, n)), cmp.Or(t.Recommend, t.Description)
	hidden := Workflow{
		ID: number(kindTemplateWorkflow, n), Name: t.Name, Description: t.Description, Inputs: t.Inputs, Scenario: t.Scenario,
	}
	a.templates = append(a.templates, &blueprint{Workflow: hidden, template: t, created: creation(n)})
	return t.ID
}

// Workflows returns the workflows of the first key.
func (a *Account) Workflows() []Workflow { return a.WorkflowsOf(a.keys[0]) }

// WorkflowsOf returns the workflows of an accepted key.
func (a *Account) WorkflowsOf(key string) []Workflow {
	a.mu.Lock()
	defer a.mu.Unlock()
	ws, ok := a.workspaces[key]
	if !ok {
		panic(fmt.Sprintf("simulator: no key %q", key))
	}
	var list []Workflow
	for _, b := range ws.workflows {
		list = append(list, b.Workflow)
	}
	return list
}

// Workflow returns the first key's workflow of that name. It panics if there is none,
// which only a typing error in a test or program can cause.
func (a *Account) Workflow(name string) Workflow {
	for _, w := range a.Workflows() {
		if w.Name == name {
			return w
		}
	}
	panic(fmt.Sprintf("simulator: no workflow %q", name))
}

// Templates returns the official templates.
func (a *Account) Templates() []Template {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]Template, len(a.templates))
	for i, b := range a.templates {
		list[i] = b.template
	}
	return list
}

// creation returns when the nth definition was created: fixed days, so that the order
// of lists does not depend on the clock.
func creation(n int) time.Time {
	return time.Date(2025, 10, 8, 9, 54, 10, 0, time.UTC).AddDate(0, 0, -n)
}
