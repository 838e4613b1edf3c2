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
	ID          string // empty: one is made up
	Name        string
	Description string
	Inputs      []Input
	Unpublished bool // publish_at is null and a run is refused with code 10020
	Scenario    Scenario
}

// Template is an official template.
type Template struct {
	ID          string // empty: one is made up
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

// Get returns the value of a name, or the fallback where it is missing or blank.
func (in Inputs) Get(name, fallback string) string {
	for _, nv := range in {
		if nv.Name == name {
			return cmp.Or(strings.TrimSpace(nv.Value), fallback)
		}
	}
	return fallback
}

// blueprint is what can be run: a workflow of one key, or a template.
type blueprint struct {
	workflowID  string
	templateID  string // empty for a workflow
	name        string
	description string
	recommend   string
	inputs      []Input
	unpublished bool
	created     time.Time // by the API's clock
	scenario    Scenario
}

// declared are those of the inputs that the blueprint knows.
func (b *blueprint) declared(in Inputs) Inputs {
	return slices.DeleteFunc(slices.Clone(in), func(nv NameValue) bool {
		return !slices.ContainsFunc(b.inputs, func(i Input) bool { return i.Name == nv.Name })
	})
}

// AddWorkflow adds a workflow under every key and returns its id. A made-up id
// differs from key to key; the one returned is that of the first key.
func (a *Account) AddWorkflow(w Workflow) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.ids.next(kindWorkflow)
	for _, key := range a.keys {
		ws := a.workspaces[key]
		ws.workflows = append(ws.workflows, &blueprint{
			workflowID: cmp.Or(w.ID, workflowID(ws.number, n)),
			name:       w.Name, description: w.Description, inputs: w.Inputs,
			unpublished: w.Unpublished, created: birthday(n), scenario: w.Scenario,
		})
	}
	return cmp.Or(w.ID, workflowID(0, n))
}

// AddTemplate adds an official template for every key and returns its id.
func (a *Account) AddTemplate(t Template) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.ids.next(kindTemplate)
	b := &blueprint{
		workflowID: number(kindTemplateWorkflow, n), templateID: cmp.Or(t.ID, number(kindTemplate, n)),
		name: t.Name, description: t.Description, recommend: cmp.Or(t.Recommend, t.Description),
		inputs: t.Inputs, created: birthday(n), scenario: t.Scenario,
	}
	a.templates = append(a.templates, b)
	return b.templateID
}

// Workflows returns the workflows of the first key.
func (a *Account) Workflows() []Workflow {
	return a.WorkflowsOf(a.keys[0])
}

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
		list = append(list, Workflow{
			ID: b.workflowID, Name: b.name, Description: b.description,
			Inputs: b.inputs, Unpublished: b.unpublished, Scenario: b.scenario,
		})
	}
	return list
}

// Workflow returns the first key's workflow of that name. It panics where there
// is none, since only a misspelt test or program asks for one.
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
		list[i] = Template{
			ID: b.templateID, Name: b.name, Description: b.description,
			Recommend: b.recommend, Inputs: b.inputs, Scenario: b.scenario,
		}
	}
	return list
}

// birthday spreads creations over the days before a fixed one, so that lists
// have an order that does not depend on the clock.
func birthday(n int) time.Time {
	return time.Date(2025, 10, 8, 9, 54, 10, 0, time.UTC).AddDate(0, 0, -n)
}
