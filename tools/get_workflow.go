package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

type getWorkflowInput struct {
	WorkflowID schemas.ID `json:"workflow_id"`
}

func getWorkflow(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "get_workflow",
		title:       "Get workflow",
		description: "Show a workflow with the exact names of its inputs.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in getWorkflowInput) (schemas.Workflow, error) {
		w, err := t.Client.Workflow(ctx, string(in.WorkflowID))
		if err != nil {
			return schemas.Workflow{}, problem.WithNext(err, findWorkflow())
		}
		result := workflowOf(w)
		result.Inputs = describeInputs(w.Inputs)
		result.Typical = present.Typical(t.runs.TypicalFor(ctx, runs.Workflow, string(w.ID)))
		if !result.Published {
			result.Warnings = []string{"This workflow has never been published, so a run will be refused. The user can publish it in the BrowserAct dashboard."}
		}
		return result, nil
	})
}

func findWorkflow() *schemas.NextStep {
	return &schemas.NextStep{Tool: "list_workflows", Arguments: map[string]any{}, Why: "to find the workflow's id"}
}

// describeInputs lists the inputs of a definition.
func describeInputs(params []browseract.Parameter) []schemas.Parameter {
	list := make([]schemas.Parameter, len(params))
	for i, p := range params {
		list[i] = schemas.Parameter{Name: sanitize.Invisible(p.Name), Required: p.Required()}
	}
	return list
}
