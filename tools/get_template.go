package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type getTemplateInput struct {
	TemplateID schemas.ID `json:"template_id"`
}

func getTemplate(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "get_template",
		title:       "Get template",
		description: "Show an official template with the exact names of its inputs.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in getTemplateInput) (schemas.Template, error) {
		tpl, err := t.Client.Template(ctx, string(in.TemplateID))
		if err != nil {
			return schemas.Template{}, problem.WithNext(err, findTemplate())
		}
		result := templateOf(tpl)
		result.Inputs = describeInputs(tpl.Inputs)
		result.Typical = present.Typical(t.runs.TypicalFor(ctx, runs.Template, string(tpl.ID)))
		return result, nil
	})
}

func findTemplate() *schemas.NextStep {
	return &schemas.NextStep{Tool: "list_templates", Arguments: map[string]any{}, Why: "to find the template's id"}
}
