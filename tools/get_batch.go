package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/batch"
)

type getBatchInput struct {
	BatchID schemas.ID     `json:"batch_id"`
	WaitFor schemas.Quorum `json:"wait_for,omitempty" jsonschema_description:"any, all (default), or how many rows have to have ended"`
	waitInput
}

type continueBatchInput struct {
	getBatchInput
	Continue bool `json:"continue,omitempty" jsonschema_description:"Start the queued rows if no server does any more; costs credits"`
}

// getBatch reads only, unless it is asked to go on: where nothing may be started it
// cannot be asked that.
func getBatch(t *tools) server.ServerTool {
	s := spec{
		name:        "get_batch",
		title:       "Get batch",
		description: "Show all rows of a batch: status, cost and task_id of each. Waits for rows to end; if the wait runs out, call it again.",
		effects:     effects{readOnly: false, destructive: true, idempotent: true, openWorld: true},
	}
	get := func(ctx context.Context, in continueBatchInput) (schemas.Batch, error) {
		return t.batches.Get(ctx, string(in.BatchID), in.Continue, batch.Wait{For: in.wait(), Until: in.WaitFor})
	}
	if !t.ReadOnly {
		return define(t, s, get)
	}
	s.effects = effects{readOnly: true, destructive: false, idempotent: true, openWorld: false}
	return define(t, s, func(ctx context.Context, in getBatchInput) (schemas.Batch, error) {
		return get(ctx, continueBatchInput{getBatchInput: in})
	})
}
