package tools

import (
	"context"
	"fmt"
	"sync"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

type stopBatchInput struct {
	BatchID schemas.ID `json:"batch_id"`
}

func stopBatch(t *toolset) server.ServerTool {
	return define(t, spec{
		name:        "stop_batch",
		title:       "Stop batch",
		description: "Stop the running tasks of a batch for good and give up its queued rows; what was used stays billed. Only when the user wants it.",
		effects:     effects{readOnly: false, destructive: true, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in stopBatchInput) (schemas.Batch, error) {
		v, err := t.batchOf(ctx, string(in.BatchID))
		if err != nil {
			return schemas.Batch{}, err
		}
		if err := t.giveUpQueue(ctx, v); err != nil {
			return schemas.Batch{}, err
		}
		if _, err := v.refresh(ctx); err != nil {
			return schemas.Batch{}, err
		}
		v.stopTasks(ctx)
		return t.attend(ctx, v, waitInput{}, schemas.QuorumAll), nil
	})
}

// giveUpQueue empties the queue, also of the row that the crew has in hand: where
// its start fails it is queued again.
func (t *toolset) giveUpQueue(ctx context.Context, v *view) error {
	for range 2 {
		if _, err := t.Ledger.GiveUpRows(ctx, v.caller, v.batch.ID); err != nil {
			return noLedgerNow(err)
		}
		t.dismiss(ctx, v)
	}
	return nil
}

// stopTasks stops the tasks that the batch has started and that have not ended.
func (v *view) stopTasks(ctx context.Context) {
	var stops sync.WaitGroup
	v.each(func(r *rowSight) {
		row := *r
		switch {
		case row.State != ledger.RowStarted || row.ended():
		case row.foreign(v.batch.ID):
			v.warnings = append(v.warnings, fmt.Sprintf("%s was started outside of this batch, so it was not stopped. Use stop_task if the user wants that.", v.name(row.Number)))
		default:
			stops.Go(func() { v.stopTask(ctx, row) })
		}
	})
	stops.Wait()
}

func (v *view) stopTask(ctx context.Context, row rowSight) {
	v.reads <- struct{}{}
	defer func() { <-v.reads }()
	if _, err := v.t.Client.StopTask(ctx, row.TaskID); err != nil {
		v.warn(fmt.Sprintf("%s could not be stopped: %s", v.name(row.Number), v.t.explain(err).Message))
		return
	}
	if task, err := v.t.Client.Task(ctx, row.TaskID); err == nil {
		v.saw(ctx, row.Number, browseract.Look{Task: task, Whole: true})
	}
}
