package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// UnreadKinds are the kinds of which the configuration offers no tool that reads a
// definition.
func (cfg Config) UnreadKinds() []custom.Kind {
	var kinds []custom.Kind
	if !cfg.offers(toolsetWorkflows) {
		kinds = append(kinds, custom.Workflow)
	}
	if !cfg.offers(toolsetTemplates) {
		kinds = append(kinds, custom.Template)
	}
	return kinds
}

// SetCustom returns all tools to offer from now on: the product's own, and these. Custom
// tools of before no longer count; calls in progress are not touched.
func (r *Registration) SetCustom(customTools []*custom.Tool) ([]server.ServerTool, error) {
	t := r.tools
	if err := CheckCreditCaps(customTools, t.Policy, t.Ledger != nil); err != nil {
		return nil, err
	}
	t.limits.Set(customTools, t.ReadOnly)
	if t.ReadOnly { // each of them starts runs
		return r.own, nil
	}
	all := slices.Clone(r.own)
	for _, tool := range customTools {
		all = append(all, t.customTool(tool))
	}
	return all, nil
}

// CheckCreditCaps refuses a cap of credits that has no effect: it needs budgets that are
// looked at, and a ledger that knows which run a task is.
func CheckCreditCaps(tools []*custom.Tool, policy runs.Policy, hasLedger bool) error {
	for _, tool := range tools {
		switch {
		case tool.MaxCredits == 0:
		case policy.IsOff():
			return fmt.Errorf("%s: max_credits has no effect while the budget mode is off: take it out, or use warn or enforce", tool.Where)
		case !hasLedger:
			return fmt.Errorf("%s: max_credits needs the ledger of runs, which is off: take it out, or keep a ledger", tool.Where)
		}
	}
	return nil
}

// customInput is the arguments of a tool that runs one workflow or template.
type customInput struct {
	waitInput
	dedupeInput
	inputs schemas.Inputs
}

// customTool makes the tool. Its result is that of run_workflow, which has the schema of
// it: a list of hundreds of tools would be little else.
func (t *tools) customTool(tool *custom.Tool) server.ServerTool {
	s := spec{
		name:        tool.Name,
		title:       tool.Title,
		description: tool.Description,
		effects:     effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}
	decode := func(raw json.RawMessage) (customInput, error) {
		c, err := tool.Decode(raw)
		return customInput{waitInput{c.WaitSeconds}, dedupeInput{AllowDuplicate: c.AllowDuplicate}, c.Inputs}, err
	}
	return defineRunForm(t, s, form[customInput]{tool.Schema(), decode}, func(ctx context.Context, in customInput) (runAnswer, error) {
		r, err := t.customRequest(ctx, tool, in)
		if err != nil {
			return runAnswer{}, err
		}
		return t.startAndFollow(ctx, in.waitInput, r)
	})
}

// customRequest is the run that a call of the tool asks for. It is the one that
// run_workflow or run_template would start with the same inputs, to the guard too.
func (t *tools) customRequest(ctx context.Context, tool *custom.Tool, in customInput) (runs.Request, error) {
	def, err := t.customDefinition(ctx, tool.Target)
	if err != nil {
		return runs.Request{}, t.withList(problem.NotStarted(err), tool.Kind)
	}
	sent, warnings := tool.Resolve(in.inputs, def)
	inputs, err := checkCustom(tool, def, sent)
	if err != nil {
		return runs.Request{}, err
	}
	r := in.dedupe(runs.Request{Inputs: inputs, MaxCredits: tool.MaxCredits, Warnings: warnings})
	if tool.Kind == custom.Template {
		r.TemplateID = tool.ID
	} else {
		r.WorkflowID = tool.ID
	}
	return r, nil
}

// customDefinition reads the live definition of a target.
func (t *tools) customDefinition(ctx context.Context, target custom.Target) (custom.Definition, error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	if target.Kind == custom.Template {
		template, err := t.Client.RecentTemplate(ctx, target.ID)
		return custom.TemplateDefinition(template), err
	}
	workflow, err := t.Client.RecentWorkflow(ctx, target.ID)
	return custom.WorkflowDefinition(workflow), err
}

// withList adds the tool that lists what there is, if it is offered.
func (t *tools) withList(err error, kind custom.Kind) error {
	switch {
	case kind == custom.Workflow && t.offers(toolsetWorkflows):
		return problem.WithNext(err, findWorkflow())
	case kind == custom.Template && t.offers(toolsetTemplates):
		return problem.WithNext(err, findTemplate())
	}
	return err
}

// checkCustom is [runs.Definition.Check] in the words of the tool's own schema.
func checkCustom(tool *custom.Tool, def custom.Definition, sent schemas.Inputs) ([]browseract.Input, error) {
	own := runs.Definition{Owner: "tool"} // by the names of arguments
	var missing []string
	send := make([]browseract.Input, 0, len(def.Inputs))
	for _, p := range def.Inputs {
		argument, visible := tool.ArgumentName(p.Name)
		if visible {
			own.Inputs = append(own.Inputs, browseract.Parameter{Name: argument, DefaultEnabled: p.DefaultEnabled})
		}
		value, _ := sent.Get(p.Name)
		switch {
		case strings.TrimSpace(value) != "":
			send = append(send, browseract.Input{Name: p.Name, Value: value})
		case p.Required() && visible:
			missing = append(missing, runs.MissingInput(argument))
		case p.Required():
			missing = append(missing, fmt.Sprintf("The %s has a new required input %q, which this tool does not take yet; ask the user to restart the server.", tool.Kind, sanitize.OneLine(p.Name, runs.MaxName)))
		}
	}
	var problems []string
	all := runs.Definition{Inputs: def.Inputs}
	for _, input := range sent {
		if !all.Has(input.Name) {
			argument, _ := tool.ArgumentName(input.Name)
			problems = append(problems, own.Unknown(argument))
		}
	}
	return send, own.Refuse("inputs", append(problems, missing...))
}
