package tools

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A pageInput is the arguments of tools that list in pages.
type pageInput struct {
	Page  int `json:"page,omitempty" jsonschema:"minimum=1,default=1"`
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=100,default=20"`
}

type listWorkflowsInput struct {
	Query string `json:"query,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Part of the name or description"`
	pageInput
}

type listWorkflowsResult struct {
	Workflows []schemas.Workflow `json:"workflows"`
	schemas.Paging
}

func listWorkflows(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "list_workflows",
		title:       "List workflows",
		description: "List the user's own BrowserAct workflows. Use get_workflow for the inputs of one.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in listWorkflowsInput) (listWorkflowsResult, error) {
		all, err := t.Client.AllWorkflows(ctx)
		if err != nil {
			return listWorkflowsResult{}, err
		}
		found := matching(all, in.Query)
		result := listWorkflowsResult{Workflows: []schemas.Workflow{}, Paging: pagingOf(in.pageInput, len(found))}
		for _, w := range found[min((in.Page-1)*in.Limit, len(found)):min(in.Page*in.Limit, len(found))] {
			result.Workflows = append(result.Workflows, workflowOf(w))
		}
		return result, nil
	})
}

// matching returns the workflows whose name or description holds query, in any
// case. The API itself cannot search them.
func matching(all []browseract.Workflow, query string) []browseract.Workflow {
	query = strings.ToLower(strings.TrimSpace(query))
	var found []browseract.Workflow
	for _, w := range all {
		if strings.Contains(strings.ToLower(w.Name+"\n"+w.Description), query) {
			found = append(found, w)
		}
	}
	return found
}

const maxDescription = 300 // characters

func workflowOf(w browseract.Workflow) schemas.Workflow {
	return schemas.Workflow{
		WorkflowID:  string(w.ID),
		Name:        sanitize.OneLine(w.Name, runs.MaxName),
		Description: sanitize.OneLine(w.Description, maxDescription),
		Published:   !w.PublishedAt.IsZero(),
	}
}

func pagingOf(in pageInput, total int) schemas.Paging {
	p := schemas.Paging{Page: in.Page, TotalCount: total}
	if in.Page < (total+in.Limit-1)/in.Limit {
		p.NextPage = in.Page + 1
	}
	return p
}
