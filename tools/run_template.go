package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type runTemplateInput struct {
	TemplateID schemas.ID     `json:"template_id"`
	Inputs     schemas.Inputs `json:"inputs,omitempty" jsonschema_description:"Input name to value, names as get_template shows them"`
	Region     string         `json:"region,omitempty" jsonschema:"maxLength=40" jsonschema_description:"Code from list_regions; US if left out"`
	waitInput
	dedupeInput
}

type runTemplateCallbackInput struct {
	runTemplateInput
	callbackInput
}

func runTemplate(t *tools) server.ServerTool {
	s := spec{
		name:  "run_template",
		title: "Run template",
		description: "Start one run of an official template and wait for it. Costs credits, also when it fails. " +
			"The answer has a task_id; if it is not done, follow it with get_task instead of running again.",
		effects: effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}
	if len(t.callbacks) > 0 {
		return defineRun(t, s, func(ctx context.Context, in runTemplateCallbackInput) (runAnswer, error) {
			return t.runTemplate(ctx, in.runTemplateInput, in.callbackInput)
		})
	}
	return defineRun(t, s, func(ctx context.Context, in runTemplateInput) (runAnswer, error) {
		return t.runTemplate(ctx, in, callbackInput{})
	})
}

// runTemplate checks the arguments against the template's definition and the regions,
// starts the run, and follows it.
func (t *tools) runTemplate(ctx context.Context, in runTemplateInput, callback callbackInput) (runAnswer, error) {
	if err := t.callbacks.check(callback); err != nil {
		return runAnswer{}, err
	}
	r, err := t.templateRequest(ctx, in)
	if err != nil {
		return runAnswer{}, err
	}
	r.CallbackURL, r.StatusCallbackURL = callback.CallbackURL, callback.StatusChangeCallbackURL
	return t.startAndFollow(ctx, in.waitInput, r)
}

func (t *tools) templateRequest(ctx context.Context, in runTemplateInput) (runs.Request, error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	d, err := t.definition(ctx, "", string(in.TemplateID))
	if err != nil {
		return runs.Request{}, err
	}
	inputs, err := d.Check(in.Inputs)
	if err != nil {
		return runs.Request{}, err
	}
	region, err := runs.CheckRegion(ctx, t.Client, in.Region)
	return in.dedupe(runs.Request{TemplateID: string(in.TemplateID), Inputs: inputs, Region: region}), problem.NotStarted(err)
}
