package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type runWorkflowInput struct {
	WorkflowID      schemas.ID     `json:"workflow_id"`
	Inputs          schemas.Inputs `json:"inputs,omitempty" jsonschema_description:"Input name to value, names as get_workflow shows them"`
	SaveBrowserData bool           `json:"save_browser_data,omitempty" jsonschema_description:"Keep cookies and logins; the answer has a profile_id"`
	ProfileID       schemas.ID     `json:"profile_id,omitempty" jsonschema_description:"Reuse saved browser data"`
	waitInput
	dedupeInput
}

type runWorkflowCallbackInput struct {
	runWorkflowInput
	callbackInput
}

func runWorkflow(t *tools) server.ServerTool {
	s := spec{
		name:  "run_workflow",
		title: "Run workflow",
		description: "Start one run of a workflow and wait for it. Costs credits, also when it fails. " +
			"The answer has a task_id; if it is not done, follow it with get_task instead of running again.",
		effects: effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}
	if len(t.callbacks) > 0 {
		return defineRun(t, s, func(ctx context.Context, in runWorkflowCallbackInput) (runAnswer, error) {
			return t.runWorkflow(ctx, in.runWorkflowInput, in.callbackInput)
		})
	}
	return defineRun(t, s, func(ctx context.Context, in runWorkflowInput) (runAnswer, error) {
		return t.runWorkflow(ctx, in, callbackInput{})
	})
}

// runWorkflow checks the inputs against the workflow's definition, starts the run, and
// follows it.
func (t *tools) runWorkflow(ctx context.Context, in runWorkflowInput, callback callbackInput) (runAnswer, error) {
	if err := t.callbacks.check(callback); err != nil {
		return runAnswer{}, err
	}
	d, err := t.definition(ctx, string(in.WorkflowID), "")
	if err != nil {
		return runAnswer{}, err
	}
	inputs, err := d.Check(in.Inputs)
	if err != nil {
		return runAnswer{}, err
	}
	return t.startAndFollow(ctx, in.waitInput, in.dedupe(runs.Request{
		WorkflowID:        string(in.WorkflowID),
		Inputs:            inputs,
		ProfileID:         string(in.ProfileID),
		SaveBrowserData:   in.SaveBrowserData,
		CallbackURL:       callback.CallbackURL,
		StatusCallbackURL: callback.StatusChangeCallbackURL,
	}))
}
