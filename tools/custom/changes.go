package custom

import (
	"fmt"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A Change is a difference between an entry and the current definition of its target.
type Change struct {
	// Message is for the operator, and may name inputs that the model does not see.
	Message string

	operatorOnly bool // a call needs no warning of it
	hidden       bool // the message names a fixed input
}

// Changes compares an entry with the current definition. A new required input counts
// if the entry once listed all inputs: if it has inputs and SourceName, which config
// init writes.
func (e *Entry) Changes(def Definition) []Change {
	var changes []Change
	for _, in := range e.Inputs {
		if _, exists := def.input(in.Name); !exists {
			changes = append(changes, Change{Message: fmt.Sprintf("there is no input %q any more", oneLine(in.Name)), hidden: in.Fixed != nil})
		}
	}
	complete := len(e.Inputs) > 0 && e.SourceName != ""
	for _, p := range def.Inputs {
		if _, configured := e.input(p.Name); complete && p.Required() && !configured {
			changes = append(changes, Change{Message: fmt.Sprintf("the input %q is required, and the overlay does not have it", oneLine(p.Name)), operatorOnly: true})
		}
	}
	if name := sanitize.OneLine(def.Name, maxDescription); e.SourceName != "" && name != e.SourceName {
		changes = append(changes, Change{Message: fmt.Sprintf("it is now called %q, and was called %q", oneLine(name), oneLine(e.SourceName))})
	}
	return changes
}

// warnings are the changes in words for a model.
func (t *Tool) warnings(def Definition) []string {
	var list []string
	for _, c := range t.Changes(def) {
		if c.operatorOnly {
			continue
		}
		if c.hidden {
			c.Message = "an input that the operator has fixed does not exist any more, so it was left out"
		}
		list = append(list, fmt.Sprintf("The %s has changed since this tool was set up: %s. Tell the user, who can run browseract-mcp doctor.", t.Kind, c.Message))
	}
	return list
}

// oneLine shortens a name for a message.
func oneLine(name string) string { return sanitize.OneLine(name, maxTitle) }
