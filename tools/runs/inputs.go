package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A Definition is what inputs a workflow, template or custom tool takes.
type Definition struct {
	Owner  string // the word for it
	Inputs []browseract.Parameter
}

// Check returns the inputs to send, in the order of the definition. The error is a
// [*problem.Error]: BrowserAct ignores names that it does not know, and bills the run.
func (d Definition) Check(sent schemas.Inputs) ([]browseract.Input, error) {
	send, problems := d.Match(sent)
	return send, d.Refuse("inputs", problems)
}

// Refuse returns the [*problem.Error] of inputs or rows with these problems; nil without
// any.
func (d Definition) Refuse(what string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return &problem.Error{
		Code:    problem.CodeInvalidInputs,
		Message: fmt.Sprintf("Nothing was started. %s %s Correct the %s and call again.", strings.Join(problems, " "), d.text(), what),
	}
}

// Match returns the inputs to send, and a sentence for each one that is wrong.
func (d Definition) Match(sent schemas.Inputs) (send []browseract.Input, problems []string) {
	for _, input := range sent {
		if !d.Has(input.Name) {
			problems = append(problems, d.Unknown(input.Name))
		}
	}
	for _, p := range d.Inputs {
		value, _ := sent.Get(p.Name)
		switch {
		case strings.TrimSpace(value) != "":
			send = append(send, browseract.Input{Name: p.Name, Value: value})
		case p.Required():
			problems = append(problems, MissingInput(p.Name))
		}
	}
	return send, problems
}

// MissingInput returns the sentence for a required input without a value.
func MissingInput(name string) string {
	return fmt.Sprintf("The input %q is required and has no value.", sanitize.OneLine(name, MaxName))
}

// Has reports whether there is an input of that name.
func (d Definition) Has(name string) bool {
	return slices.ContainsFunc(d.Inputs, func(p browseract.Parameter) bool { return p.Name == name })
}

// Unknown returns the sentence for an input that the definition does not have.
func (d Definition) Unknown(name string) string {
	names := make([]string, len(d.Inputs))
	for i, p := range d.Inputs {
		names[i] = p.Name
	}
	sent := sanitize.OneLine(name, MaxName)
	if near, ok := schemas.Nearest(name, names); ok {
		return fmt.Sprintf("There is no input %q; did you mean %q?", sent, sanitize.OneLine(near, MaxName))
	}
	return fmt.Sprintf("There is no input %q.", sent)
}

// text lists the inputs.
func (d Definition) text() string {
	if len(d.Inputs) == 0 {
		return fmt.Sprintf("This %s takes no inputs.", d.Owner)
	}
	texts := make([]string, len(d.Inputs))
	for i, p := range d.Inputs {
		texts[i] = fmt.Sprintf("%q", sanitize.OneLine(p.Name, MaxName))
		if p.Required() {
			texts[i] += " (required)"
		}
	}
	return fmt.Sprintf("This %s takes: %s.", d.Owner, strings.Join(texts, ", "))
}

// CheckRegion returns the code of the region that sent names by its code or name; "" stands
// for the API's default. The errors are [*problem.Error] for an unknown region, and those
// of [browseract.Client.RecentRegions].
func CheckRegion(ctx context.Context, client *browseract.Client, sent string) (string, error) {
	if sent == "" {
		return "", nil
	}
	regions, err := client.RecentRegions(ctx)
	if err != nil {
		return "", err
	}
	codes := make([]string, len(regions))
	for i, r := range regions {
		if strings.EqualFold(r.Code, sent) || strings.EqualFold(r.Name, sent) {
			return r.Code, nil
		}
		codes[i] = sanitize.OneLine(r.Code, MaxName)
	}
	return "", &problem.Error{
		Code:     "unknown_region",
		Message:  fmt.Sprintf("Nothing was started: there is no region %q.%s The regions are %s. Choose one, or leave the region out.", sanitize.OneLine(sent, MaxName), regionHint(sent), strings.Join(codes, ", ")),
		NextStep: &schemas.NextStep{Tool: "list_regions", Arguments: map[string]any{}, Why: "to see the regions with their names"},
	}
}

// regionHint helps with the one code that is often sent wrong.
func regionHint(sent string) string {
	if strings.EqualFold(sent, "GB") {
		return " BrowserAct's code for the United Kingdom is UK."
	}
	return ""
}
