package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/problem"
)

type runTemplateInput struct {
	TemplateID schemas.ID     `json:"template_id"`
	Inputs     schemas.Inputs `json:"inputs,omitempty" jsonschema_description:"Input name to value, names as get_template tells them"`
	Region     string         `json:"region,omitempty" jsonschema:"maxLength=40" jsonschema_description:"Code from list_regions; US if left out"`
	waitInput
	guardInput
}

type runTemplateCallbackInput struct {
	runTemplateInput
	callbackInput
}

func runTemplate(t *toolset) server.ServerTool {
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

func (t *toolset) runTemplate(ctx context.Context, in runTemplateInput, report callbackInput) (runAnswer, error) {
	if err := t.callbacks.check(report); err != nil {
		return runAnswer{}, err
	}
	inputs, region, err := t.templateInputs(ctx, in)
	if err != nil {
		return runAnswer{}, err
	}
	return t.start(ctx, t.templateStart(in, inputs, region, report))
}

// templateStart is the run that in asks for, with arguments that have been checked.
func (t *toolset) templateStart(in runTemplateInput, inputs []browseract.Input, region string, report callbackInput) start {
	return start{
		templateID: string(in.TemplateID),
		inputs:     inputs,
		region:     region,
		guard:      in.guardInput,
		wait:       in.waitInput,
		send: func(ctx context.Context) (browseract.Started, error) {
			return t.Client.RunTemplate(ctx, browseract.TemplateRun{
				TemplateID:        string(in.TemplateID),
				Inputs:            inputs,
				Region:            region,
				CallbackURL:       report.CallbackURL,
				StatusCallbackURL: report.StatusChangeCallbackURL,
			})
		},
	}
}

// templateInputs reads the template's definition and the regions, and holds the
// arguments against them.
func (t *toolset) templateInputs(ctx context.Context, in runTemplateInput) (inputs []browseract.Input, region string, err error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	tpl, err := t.Client.RecentTemplate(ctx, string(in.TemplateID))
	if err != nil {
		return nil, "", problem.WithNext(problem.NotStarted(err), findTemplate())
	}
	if inputs, err = checkInputs("template", tpl.Inputs, in.Inputs); err != nil {
		return nil, "", err
	}
	region, err = t.checkRegion(ctx, in.Region)
	return inputs, region, problem.NotStarted(err)
}
