package custom

import (
	"fmt"

	"github.com/browseract/browseract-mcp/tools/output"
)

// A Change is one thing that an entry says of its target and that is no longer so.
type Change struct {
	// Message is for the operator, and may name what the model does not see.
	Message string
	// hidden says that the message names an input that is fixed, unsaid that the entry
	// just does not tell of one: a call that has it needs no more.
	hidden, unsaid bool
}

// Changes holds an entry against what BrowserAct says now. That there is a required
// input of which it tells nothing counts where it once told of all: what config init
// writes does, and has the source's name.
func (e *Entry) Changes(def Definition) []Change {
	var found []Change
	for _, in := range e.Inputs {
		if _, there := parameter(def, in.Name); !there {
			found = append(found, Change{Message: fmt.Sprintf("there is no input %q any more", output.Line(in.Name, maxTitle)), hidden: in.Fixed != nil})
		}
	}
	for _, p := range def.Inputs {
		if _, said := e.input(p.Name); !said && p.Required() && len(e.Inputs) > 0 && e.SourceName != "" {
			found = append(found, Change{Message: fmt.Sprintf("the input %q is required, and nothing is said of it", output.Line(p.Name, maxTitle)), unsaid: true})
		}
	}
	if called := output.Line(def.Name, maxDescription); e.SourceName != "" && called != e.SourceName {
		found = append(found, Change{Message: fmt.Sprintf("it is now called %q, and was called %q", output.Line(called, maxTitle), output.Line(e.SourceName, maxTitle))})
	}
	return found
}

// warnings are the drifts in words for a model.
func (t *Tool) warnings(def Definition) []string {
	var list []string
	for _, d := range t.Changes(def) {
		if d.unsaid {
			continue
		}
		what := d.Message
		if d.hidden {
			what = "an input that the operator has fixed is not there any more, so it was left out"
		}
		list = append(list, fmt.Sprintf("The %s has changed since this tool was set up: %s. Tell the user, who can run browseract-mcp doctor.", t.Kind, what))
	}
	return list
}
