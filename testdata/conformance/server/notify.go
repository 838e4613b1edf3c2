package main

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// pause is what the suite wants between two notifications.
const pause = 50 * time.Millisecond

// notifyingTools notify their client before they answer.
func notifyingTools() []mcpserver.ServerTool {
	return []mcpserver.ServerTool{
		tool("test_tool_with_progress", reportProgress),
		tool("test_tool_with_logging", logging("Tool execution started", "Tool processing data", "Tool execution completed")),
		tool("test_logging_tool", logging("Only for clients that asked for it")),
	}
}

func reportProgress(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for _, percent := range []int{0, 50, 100} {
		if meta := req.Params.Meta; meta != nil && meta.ProgressToken != nil {
			err := mcpserver.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress", map[string]any{
				"progressToken": meta.ProgressToken, "progress": percent, "total": 100,
			})
			if err != nil {
				return nil, err
			}
		}
		wait(ctx)
	}
	return mcp.NewToolResultText("Done."), nil
}

// wait returns early if ctx ends: then no client reads what follows.
func wait(ctx context.Context) {
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
}
