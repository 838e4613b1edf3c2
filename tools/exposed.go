package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// Names are those of all tools of the product, offered or not: what a user exposes
// has another one.
func Names() []string {
	return []string{
		"list_workflows", "get_workflow", "run_workflow", "list_templates", "get_template", "list_regions", "run_template",
		"get_task", "get_task_output", "list_tasks", "stop_task", "resume_task",
		"run_batch", "get_batch", "stop_batch", "compare_tasks", "save_task_output",
	}
}

// Unread are the kinds of which the configuration offers no tool that reads a
// definition.
func (cfg Config) Unread() []custom.Kind {
	var kinds []custom.Kind
	if !cfg.offers(toolsetWorkflows) {
		kinds = append(kinds, custom.Workflow)
	}
	if !cfg.offers(toolsetTemplates) {
		kinds = append(kinds, custom.Template)
	}
	return kinds
}

// Expose returns all tools to offer from now on: the product's own, and these. What
// was exposed before no longer counts; calls that run are not touched.
func (o *Offer) Expose(tools []*custom.Tool) ([]server.ServerTool, error) {
	t := o.toolset
	if err := CheckCaps(tools, t.Policy, t.Ledger != nil); err != nil {
		return nil, err
	}
	t.exposed.keep(tools)
	if t.ReadOnly { // each of them starts runs, and a cap stops them
		return o.own, nil
	}
	t.exposed.set(tools)
	all := slices.Clone(o.own)
	for _, tool := range tools {
		all = append(all, t.runExposed(tool))
	}
	return all, nil
}

// CheckCaps refuses a credits cap that nothing would hold: it needs budgets that are
// looked at, and a ledger that tells which run a task is.
func CheckCaps(tools []*custom.Tool, policy Policy, hasLedger bool) error {
	for _, tool := range tools {
		switch {
		case tool.MaxCredits == 0:
		case policy.Mode == "" || policy.Mode == BudgetOff:
			return fmt.Errorf("%s: max_credits has no effect while the budget mode is off: take it out, or use warn or enforce", tool.Where)
		case !hasLedger:
			return fmt.Errorf("%s: max_credits needs the ledger of runs, which is off: take it out, or keep a ledger", tool.Where)
		}
	}
	return nil
}

// exposed is what counts for runs of what is exposed, whoever starts them.
type exposed struct {
	caps    atomic.Pointer[map[custom.Target]int64]
	typical atomic.Pointer[map[custom.Target]time.Duration]
	fixed   atomic.Pointer[[]browseract.Input]
}

// keep notes what is kept from the model: inputs that are fixed.
func (e *exposed) keep(tools []*custom.Tool) {
	var fixed []browseract.Input
	for _, tool := range tools {
		for _, in := range tool.Inputs {
			if in.Fixed != nil {
				fixed = append(fixed, browseract.Input{Name: in.Name, Value: *in.Fixed})
			}
		}
	}
	// A value that begins like another one is not to leave the rest of it.
	slices.SortStableFunc(fixed, func(a, b browseract.Input) int { return len(b.Value) - len(a.Value) })
	e.fixed.Store(&fixed)
}

// telling is from how many bytes on a value tells something wherever it stands; a
// shorter one does beside its name.
const telling = 6

// mask takes values that are fixed out of a text about inputs: name=value;name=value.
func (e *exposed) mask(text string) string {
	fixed := e.fixed.Load()
	if fixed == nil {
		return text
	}
	for _, in := range *fixed {
		text = strings.ReplaceAll(text, in.Name+"="+in.Value, in.Name+"=(fixed)")
		if len(in.Value) >= telling {
			text = strings.ReplaceAll(text, in.Value, "(fixed)")
		}
	}
	return text
}

func (e *exposed) set(tools []*custom.Tool) {
	caps, typical := map[custom.Target]int64{}, map[custom.Target]time.Duration{}
	for _, tool := range tools {
		caps[tool.Target] = max(caps[tool.Target], tool.MaxCredits)
		typical[tool.Target] = max(typical[tool.Target], tool.TypicalDuration)
	}
	// Where one of several tools has no cap, nobody knows whose run a task is.
	for _, tool := range tools {
		if tool.MaxCredits == 0 {
			delete(caps, tool.Target)
		}
	}
	e.caps.Store(&caps)
	e.typical.Store(&typical)
}

// duration is what the user says that a run of the target takes; 0: nothing.
func (e *exposed) duration(kind ledger.Kind, target string) time.Duration {
	if typical := e.typical.Load(); typical != nil {
		return (*typical)[custom.Target{Kind: custom.Kind(kind), ID: target}]
	}
	return 0
}

// maxCredits is what a run of the target may cost; 0: anything. Nobody is asked for
// the target where nothing has a cap.
func (e *exposed) maxCredits(target func() custom.Target) int64 {
	caps := e.caps.Load()
	if caps == nil || len(*caps) == 0 {
		return 0
	}
	return (*caps)[target()]
}

// exposedInput is the arguments of a tool that runs one workflow or template.
type exposedInput struct {
	waitInput
	guardInput
	inputs schemas.Inputs
}

// runExposed makes the tool. Its result is that of run_workflow, which has the schema
// of it: a list of hundreds of tools would be little else.
func (t *toolset) runExposed(tool *custom.Tool) server.ServerTool {
	s := spec{
		name:        tool.Name,
		title:       tool.Title,
		description: tool.Description,
		effects:     effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}
	decode := func(raw json.RawMessage) (exposedInput, error) {
		call, err := tool.Decode(raw)
		return exposedInput{waitInput{call.WaitSeconds}, guardInput{AllowDuplicate: call.AllowDuplicate}, call.Inputs}, err
	}
	handle := func(ctx context.Context, in exposedInput) (runAnswer, error) {
		run, err := t.exposedStart(ctx, tool, in)
		if err != nil {
			return runAnswer{}, err
		}
		return t.start(ctx, run)
	}
	return defineRunForm(t, s, form[exposedInput]{tool.Schema(), decode}, handle)
}

// exposedStart is the run that a call of the tool asks for. It is the one that
// run_workflow or run_template would start with the same inputs, to the guard too.
func (t *toolset) exposedStart(ctx context.Context, tool *custom.Tool, in exposedInput) (start, error) {
	def, err := t.definitionOf(ctx, tool.Target)
	if err != nil {
		return start{}, t.hintExposed(problem.NotStarted(err), tool.Kind)
	}
	sent, warnings := tool.Resolve(in.inputs, def)
	inputs, err := checkExposed(tool, def, sent)
	if err != nil {
		return start{}, err
	}
	var run start
	if tool.Kind == custom.Template {
		run = t.templateStart(runTemplateInput{TemplateID: schemas.ID(tool.ID), waitInput: in.waitInput, guardInput: in.guardInput}, inputs, "", callbackInput{})
	} else {
		run = t.workflowStart(runWorkflowInput{WorkflowID: schemas.ID(tool.ID), waitInput: in.waitInput, guardInput: in.guardInput}, inputs, callbackInput{})
	}
	run.maxCredits, run.warnings = tool.MaxCredits, warnings
	return run, nil
}

// definitionOf reads the live definition of a target.
func (t *toolset) definitionOf(ctx context.Context, target custom.Target) (custom.Definition, error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	if target.Kind == custom.Template {
		tpl, err := t.Client.RecentTemplate(ctx, target.ID)
		return custom.TemplateDefinition(tpl), err
	}
	w, err := t.Client.RecentWorkflow(ctx, target.ID)
	return custom.WorkflowDefinition(w), err
}

// hintExposed names the tool that lists what there is, if it is offered.
func (t *toolset) hintExposed(err error, kind custom.Kind) error {
	switch {
	case kind == custom.Workflow && t.offers(toolsetWorkflows):
		return problem.WithNext(err, findWorkflow())
	case kind == custom.Template && t.offers(toolsetTemplates):
		return problem.WithNext(err, findTemplate())
	}
	return err
}

// checkExposed is checkInputs in the words of the tool's own schema.
func checkExposed(tool *custom.Tool, def custom.Definition, sent schemas.Inputs) ([]browseract.Input, error) {
	named := make([]browseract.Parameter, 0, len(def.Inputs)) // by their keys
	var missing []string
	send := make([]browseract.Input, 0, len(def.Inputs))
	for _, p := range def.Inputs {
		key, visible := tool.ArgumentName(p.Name)
		if visible {
			named = append(named, browseract.Parameter{Name: key, DefaultEnabled: p.DefaultEnabled})
		}
		value, _ := sent.Get(p.Name)
		switch {
		case strings.TrimSpace(value) != "":
			send = append(send, browseract.Input{Name: p.Name, Value: value})
		case p.Required() && visible:
			missing = append(missing, fmt.Sprintf("The input %q is required and has no value.", sanitize.OneLine(key, maxName)))
		case p.Required():
			missing = append(missing, fmt.Sprintf("The %s has a new required input %q, which this tool does not take yet; ask the user to restart the server.", tool.Kind, sanitize.OneLine(p.Name, maxName)))
		}
	}
	var problems []string
	for _, v := range sent {
		if !takes(def.Inputs, v.Name) {
			key, _ := tool.ArgumentName(v.Name)
			problems = append(problems, unknownInput(key, named))
		}
	}
	return send, refuseInputs(append(problems, missing...), takesText("tool", named))
}
