// Package custom makes tools of workflows and templates that a user names: each
// has a name, a description and a typed schema of its own.
//
// Begin with [Entry], which is what a user says of one tool, by a flag or in an
// overlay ([Parse]); with [Definition], which is what BrowserAct says; and with
// [Build], which makes a [Tool] of the two. Names of inputs are free text there and
// become keys that every client takes (names.go); [Tool.Decode] maps them back.
// [Cache] keeps definitions between starts.
//
// The package knows neither MCP nor how a run is started. Its paths and its client
// are given to it.
package custom

import (
	"cmp"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// A Kind says what is run.
type Kind string

// The kinds.
const (
	Workflow Kind = "workflow"
	Template Kind = "template"
)

// A Target is what a tool runs.
type Target struct {
	Kind Kind
	ID   string
}

// String names the target for people.
func (t Target) String() string { return string(t.Kind) + " " + t.ID }

// An Entry is what a user says of one tool. Of all but the target, the zero value
// means that BrowserAct's word counts, or that nothing is said.
type Entry struct {
	Target
	Name        string // of the tool
	Title       string
	Description string
	// SourceName is how BrowserAct called the target when the entry was written.
	SourceName string
	// Inputs are in the order in which they are shown.
	Inputs          []Input
	MaxCredits      int64
	TypicalDuration time.Duration
	OutputFields    []string
	// Where says where the entry stands, for messages.
	Where string
}

// An Input is what a user says of one input. Values are as a run takes them: text.
type Input struct {
	Name        string // as BrowserAct has it
	Type        Type
	Description string
	Enum        []string
	Example     string
	Required    bool
	// Default stands in where the model sends nothing; it is shown. Nil: none.
	Default *string
	// Fixed is sent with each run. The model neither sees nor sets it. Nil: none.
	Fixed *string
}

// A Type is how an input is written. Empty stands for String.
type Type string

// The types.
const (
	String  Type = "string"
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
)

func (t Type) orString() Type { return cmp.Or(t, String) }

// A Definition is what BrowserAct says of a target.
type Definition struct {
	Name        string
	Description string
	Inputs      []browseract.Parameter
}

// WorkflowDefinition is the definition of a workflow.
func WorkflowDefinition(w browseract.Workflow) Definition {
	return Definition{Name: w.Name, Description: w.Description, Inputs: w.Inputs}
}

// TemplateDefinition is the definition of a template.
func TemplateDefinition(t browseract.Template) Definition {
	return Definition{Name: t.Name, Description: cmp.Or(t.Summary, t.Description), Inputs: t.Inputs}
}
