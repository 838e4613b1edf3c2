// Package custom makes a tool of a workflow or template: with a name, a description
// and a typed schema of its own.
//
// Begin with [Entry], what the user configures for one tool by a flag or in an overlay
// ([Parse]); [Definition], what BrowserAct returns; and [Build], which makes a [Tool]
// of both. The names of inputs are free text and become keys that every client accepts
// (names.go); [Tool.Decode] maps them back. A [Cache] keeps definitions between starts.
//
// The package does not know MCP or how a run is started. Its paths and its client are
// parameters.
package custom

import (
	"cmp"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// A Kind is what a tool runs.
type Kind string

// The kinds.
const (
	Workflow Kind = "workflow"
	Template Kind = "template"
)

// A Target is the workflow or template that a tool runs.
type Target struct {
	Kind Kind
	ID   string
}

// String returns the kind and the id.
func (t Target) String() string { return string(t.Kind) + " " + t.ID }

// An Entry is the configuration of one tool. A zero value, of all but the target,
// means BrowserAct's own value, or none.
type Entry struct {
	Target
	Name        string // of the tool
	Title       string
	Description string
	// SourceName is the target's name in BrowserAct when the entry was written.
	SourceName string
	// Inputs are in the order of the schema.
	Inputs          []Input
	MaxCredits      int64
	TypicalDuration time.Duration
	OutputFields    []string
	// Where is the entry's position in messages, such as "line 3" or "--expose".
	Where string
}

// An Input is the configuration of one input. Values are text, as a run takes them.
type Input struct {
	Name        string // in BrowserAct
	Type        Type
	Description string
	Enum        []string
	Example     string
	Required    bool
	// Default is the value where the model sends none. The schema shows it. Nil: none.
	Default *string
	// Fixed is sent with each run. The model neither sees nor sets it. Nil: none.
	Fixed *string
}

// A Type is the JSON type of an input. Empty means String.
type Type string

// The types.
const (
	String  Type = "string"
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
)

func (t Type) orString() Type { return cmp.Or(t, String) }

// A Definition is what BrowserAct returns about a target.
type Definition struct {
	Name        string
	Description string
	Inputs      []browseract.Parameter
}

// WorkflowDefinition returns the definition of a workflow.
func WorkflowDefinition(w browseract.Workflow) Definition {
	return Definition{Name: w.Name, Description: w.Description, Inputs: w.Inputs}
}

// TemplateDefinition returns the definition of a template.
func TemplateDefinition(t browseract.Template) Definition {
	return Definition{Name: t.Name, Description: cmp.Or(t.Summary, t.Description), Inputs: t.Inputs}
}

// input returns the configuration of an input, and whether there is one.
func (e *Entry) input(name string) (Input, bool) {
	return find(e.Inputs, func(in Input) bool { return in.Name == name })
}

func (d *Definition) input(name string) (browseract.Parameter, bool) {
	return find(d.Inputs, func(p browseract.Parameter) bool { return p.Name == name })
}

// find returns the first element of a list that is wanted.
func find[T any](list []T, isWanted func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(list, isWanted); i >= 0 {
		return list[i], true
	}
	return found, false
}

// Merge returns the entries of an overlay, then those of flags. A flag for a target of
// the overlay adds no tool, but may name that one. A repeated flag counts once.
func Merge(overlay, flags []Entry) []Entry {
	merged := slices.Clone(overlay)
	for _, flag := range flags {
		isTarget := func(e Entry) bool { return e.Target == flag.Target }
		if slices.ContainsFunc(merged, func(e Entry) bool { return isTarget(e) && e.Name == flag.Name }) {
			continue
		}
		switch i := slices.IndexFunc(merged, isTarget); {
		case i < 0:
			merged = append(merged, flag)
		case flag.Name != "":
			merged[i].Name = flag.Name
		}
	}
	return merged
}

// Targets returns the targets of the entries, each once.
func Targets(entries []Entry) []Target {
	var targets []Target
	for _, e := range entries {
		if !slices.Contains(targets, e.Target) {
			targets = append(targets, e.Target)
		}
	}
	return targets
}
