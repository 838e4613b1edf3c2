package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

type listRegionsInput struct{}

type listRegionsResult struct {
	Regions []schemas.Region `json:"regions"`
}

func listRegions(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "list_regions",
		title:       "List regions",
		description: "List the region codes that run_template takes.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, _ listRegionsInput) (listRegionsResult, error) {
		regions, err := t.Client.RecentRegions(ctx)
		result := listRegionsResult{Regions: []schemas.Region{}}
		for _, r := range regions {
			result.Regions = append(result.Regions, schemas.Region{Code: sanitize.OneLine(r.Code, runs.MaxName), Name: sanitize.OneLine(r.Name, runs.MaxName)})
		}
		return result, err
	})
}
