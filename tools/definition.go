package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// checkInputs holds what a caller sent against what a workflow or template takes,
// and returns the inputs to send, in the order of the definition. BrowserAct
// ignores names that it does not know and bills the run all the same. owner is
// the word for what is run.
func checkInputs(owner string, params []browseract.Parameter, sent schemas.Inputs) ([]browseract.Input, error) {
	send, problems := matchInputs(params, sent)
	return send, refuseInputs(problems, takesText(owner, params))
}

// refuseInputs is the error of inputs with these problems, nil without any.
func refuseInputs(problems []string, takes string) error {
	if len(problems) == 0 {
		return nil
	}
	return &problem.Error{
		Code:    problem.CodeInvalidInputs,
		Message: fmt.Sprintf("Nothing was started. %s %s Correct the inputs and call again.", strings.Join(problems, " "), takes),
	}
}

// matchInputs returns the inputs to send, and a sentence for each that is wrong.
func matchInputs(params []browseract.Parameter, sent schemas.Inputs) (send []browseract.Input, problems []string) {
	for _, input := range sent {
		if !takes(params, input.Name) {
			problems = append(problems, unknownInput(input.Name, params))
		}
	}
	for _, p := range params {
		value, _ := sent.Get(p.Name)
		switch {
		case strings.TrimSpace(value) != "":
			send = append(send, browseract.Input{Name: p.Name, Value: value})
		case p.Required():
			problems = append(problems, fmt.Sprintf("The input %q is required and has no value.", sanitize.OneLine(p.Name, maxName)))
		}
	}
	return send, problems
}

func takes(params []browseract.Parameter, name string) bool {
	for _, p := range params {
		if p.Name == name {
			return true
		}
	}
	return false
}

func unknownInput(name string, params []browseract.Parameter) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	shown := sanitize.OneLine(name, maxName)
	if near, ok := schemas.Nearest(name, names); ok {
		return fmt.Sprintf("There is no input %q; did you mean %q?", shown, sanitize.OneLine(near, maxName))
	}
	return fmt.Sprintf("There is no input %q.", shown)
}

// takesText lists the inputs that a run takes.
func takesText(owner string, params []browseract.Parameter) string {
	if len(params) == 0 {
		return fmt.Sprintf("This %s takes no inputs.", owner)
	}
	texts := make([]string, len(params))
	for i, p := range params {
		texts[i] = fmt.Sprintf("%q", sanitize.OneLine(p.Name, maxName))
		if p.Required() {
			texts[i] += " (required)"
		}
	}
	return fmt.Sprintf("This %s takes: %s.", owner, strings.Join(texts, ", "))
}

// checkRegion returns the code of the region that a caller means; empty stands
// for the API's default.
func (t *toolset) checkRegion(ctx context.Context, sent string) (string, error) {
	if sent == "" {
		return "", nil
	}
	regions, err := t.Client.RecentRegions(ctx)
	if err != nil {
		return "", err
	}
	codes := make([]string, len(regions))
	for i, r := range regions {
		if strings.EqualFold(r.Code, sent) || strings.EqualFold(r.Name, sent) {
			return r.Code, nil
		}
		codes[i] = sanitize.OneLine(r.Code, maxName)
	}
	return "", &problem.Error{
		Code:     "unknown_region",
		Message:  fmt.Sprintf("Nothing was started: there is no region %q.%s The regions are %s. Choose one, or leave the region out.", sanitize.OneLine(sent, maxName), britain(sent), strings.Join(codes, ", ")),
		NextStep: &schemas.NextStep{Tool: "list_regions", Arguments: map[string]any{}, Why: "to see the regions with their names"},
	}
}

// britain helps with the one code that everybody gets wrong.
func britain(sent string) string {
	if strings.EqualFold(sent, "GB") {
		return " BrowserAct's code for the United Kingdom is UK."
	}
	return ""
}

// describeParameters lists the inputs of a definition.
func describeParameters(params []browseract.Parameter) []schemas.Parameter {
	list := make([]schemas.Parameter, len(params))
	for i, p := range params {
		list[i] = schemas.Parameter{Name: sanitize.Invisible(p.Name), Required: p.Required()}
	}
	return list
}
