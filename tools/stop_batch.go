package tools

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
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
	}, t.stopBatch)
}

// startsSettle is how long a stop waits for rows that are just starting, so that
// it can stop them too.
const startsSettle = 10 * time.Second

func (t *toolset) stopBatch(ctx context.Context, in stopBatchInput) (schemas.Batch, error) {
	v, err := t.batchOf(ctx, string(in.BatchID))
	if err != nil {
		return schemas.Batch{}, err
	}
	if err := v.giveUp(ctx); err != nil {
		return schemas.Batch{}, err
	}
	t.crews.latest(v).dismiss()
	looks, stop := context.WithCancel(ctx)
	v.within(looks, startsSettle, v.settled)
	// A row whose start has failed meanwhile is queued again.
	if err := v.giveUp(ctx); err != nil {
		v.warn(t.problems.Explain(err).Message)
	}
	v.renew(ctx)
	v.stopTasks(ctx)
	v.within(looks, call.LastRead, v.complete)
	stop()
	v.followers.Wait()
	return v.describeStopped(ctx), nil
}

// giveUp gives up the rows that are in the queue.
func (v *view) giveUp(ctx context.Context) error {
	if _, err := v.t.Ledger.GiveUpRows(ctx, v.caller, v.batch.ID); err != nil {
		return noLedgerNow(err)
	}
	return nil
}

// settled reports whether no row is just starting.
func (v *view) settled() bool {
	return v.count(func(r *rowSight) bool { return r.State == ledger.RowStarting && r.statusText() != mayHaveStarted }) == 0
}

// stopTasks stops the tasks that the batch has started and that have not ended.
func (v *view) stopTasks(ctx context.Context) {
	var stops sync.WaitGroup
	var foreign []int
	v.each(func(r *rowSight) {
		row := *r
		switch {
		case row.State != ledger.RowStarted || row.ended():
		case row.foreign(v.batch.ID):
			foreign = append(foreign, row.Number)
		default:
			stops.Go(func() { v.stopTask(ctx, row) })
		}
	})
	stops.Wait()
	for _, number := range foreign {
		v.warn(v.name(number) + " was started outside of this batch, so it was not stopped. Use stop_task if the user wants that.")
	}
}

func (v *view) stopTask(ctx context.Context, row rowSight) {
	v.reads <- struct{}{}
	defer func() { <-v.reads }()
	if _, err := v.t.Client.StopTask(ctx, row.TaskID); err != nil {
		v.warn(fmt.Sprintf("%s could not be stopped: %s", v.name(row.Number), v.t.problems.Explain(err).Message))
		return
	}
	if task, err := v.t.Client.Task(ctx, row.TaskID); err == nil {
		v.saw(ctx, row.Number, browseract.Observation{Task: task, Detail: true})
	}
}

// describeStopped is describe after a stop, which has to be repeated where a row
// of the batch may still run.
func (v *view) describeStopped(ctx context.Context) schemas.Batch {
	b := v.describe(ctx)
	if v.count(func(r *rowSight) bool { return !r.over() && !r.foreign(v.batch.ID) }) > 0 {
		b.NextStep = nextBatch("stop_batch", b.BatchID, "to stop the rows that could not be stopped yet")
	}
	return b
}
