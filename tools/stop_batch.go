package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
)

type stopBatchInput struct {
	BatchID schemas.ID `json:"batch_id"`
}

func stopBatch(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "stop_batch",
		title:       "Stop batch",
		description: "Stop the running tasks of a batch for good and give up its queued rows; what was used stays billed. Only when the user wants it.",
		effects:     effects{readOnly: false, destructive: true, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in stopBatchInput) (schemas.Batch, error) {
		return t.batches.Stop(ctx, string(in.BatchID))
	})
}
