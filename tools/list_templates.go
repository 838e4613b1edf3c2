package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

type listTemplatesInput struct {
	Query string `json:"query,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Keyword, e.g. google maps"`
	pageInput
}

type listTemplatesResult struct {
	Templates []schemas.Template `json:"templates"`
	schemas.Paging
}

func listTemplates(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "list_templates",
		title:       "List templates",
		description: "Search BrowserAct's official templates: ready-made automations for well-known sites. Use get_template for the inputs of one.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in listTemplatesInput) (listTemplatesResult, error) {
		page, err := t.Client.Templates(ctx, in.Query, in.Page, in.Limit)
		if err != nil {
			return listTemplatesResult{}, err
		}
		result := listTemplatesResult{Templates: []schemas.Template{}, Paging: pagingOf(in.pageInput, page.TotalCount)}
		for _, tpl := range page.Items {
			result.Templates = append(result.Templates, templateOf(tpl))
		}
		return result, nil
	})
}

func templateOf(tpl browseract.Template) schemas.Template {
	description := tpl.Summary
	if description == "" {
		description = tpl.Description
	}
	return schemas.Template{
		TemplateID:  string(tpl.ID),
		Name:        sanitize.OneLine(tpl.Name, runs.MaxName),
		Description: sanitize.OneLine(description, maxDescription),
		DetailURL:   present.Link(tpl.DetailURL),
	}
}
