package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/problem"
)

type runWorkflowInput struct {
	WorkflowID      schemas.ID     `json:"workflow_id"`
	Inputs          schemas.Inputs `json:"inputs,omitempty" jsonschema_description:"Input name to value, names as get_workflow tells them"`
	SaveBrowserData bool           `json:"save_browser_data,omitempty" jsonschema_description:"Keep cookies and logins; the answer has a profile_id"`
	ProfileID       schemas.ID     `json:"profile_id,omitempty" jsonschema_description:"Reuse saved browser data"`
	waitInput
	guardInput
}

type runWorkflowCallbackInput struct {
	runWorkflowInput
	callbackInput
}

func runWorkflow(t *toolset) server.ServerTool {
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

func (t *toolset) runWorkflow(ctx context.Context, in runWorkflowInput, report callbackInput) (runAnswer, error) {
	if err := t.callbacks.check(report); err != nil {
		return runAnswer{}, err
	}
	inputs, err := t.workflowInputs(ctx, in)
	if err != nil {
		return runAnswer{}, err
	}
	return t.start(ctx, t.workflowStart(in, inputs, report))
}

// workflowStart is the run that in asks for, with inputs that have been checked.
func (t *toolset) workflowStart(in runWorkflowInput, inputs []browseract.Input, report callbackInput) start {
	return start{
		workflowID: string(in.WorkflowID),
		inputs:     inputs,
		profileID:  string(in.ProfileID),
		guard:      in.guardInput,
		wait:       in.waitInput,
		send: func(ctx context.Context) (browseract.Started, error) {
			return t.Client.RunWorkflow(ctx, browseract.WorkflowRun{
				WorkflowID:        string(in.WorkflowID),
				Inputs:            inputs,
				SaveBrowserData:   in.SaveBrowserData,
				ProfileID:         string(in.ProfileID),
				CallbackURL:       report.CallbackURL,
				StatusCallbackURL: report.StatusChangeCallbackURL,
			})
		},
	}
}

// workflowInputs reads the workflow's definition and holds the inputs against it.
func (t *toolset) workflowInputs(ctx context.Context, in runWorkflowInput) ([]browseract.Input, error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	w, err := t.Client.RecentWorkflow(ctx, string(in.WorkflowID))
	if err != nil {
		return nil, problem.WithNext(problem.NotStarted(err), findWorkflow())
	}
	return checkInputs("workflow", w.Inputs, in.Inputs)
}
