package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type stopTaskInput struct {
	TaskID schemas.ID `json:"task_id"`
}

func stopTask(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "stop_task",
		title:       "Stop task",
		description: "Stop a task for good; what it has cost stays billed. Only when the user wants it.",
		effects:     effects{readOnly: false, destructive: true, idempotent: true, openWorld: false},
	}, t.stopTask)
}

// beforeStop is how long a stop waits for what it is about to stop.
const beforeStop = 3 * time.Second

// stopTask reads the task first: what it was doing may not be shown afterwards.
func (t *tools) stopTask(ctx context.Context, in stopTaskInput) (schemas.Task, error) {
	seen := t.fetchBeforeStop(ctx, in.TaskID)
	ended := seen.Ended()
	if !ended {
		before := seen.Task
		var err error
		if ended, err = t.Client.StopTask(ctx, string(in.TaskID)); err != nil {
			return schemas.Task{}, problem.WithNext(err, schemas.NextTask("get_task", string(in.TaskID), "to see whether the task still runs"))
		}
		seen.Detail = false
		t.runs.Refresh(ctx, seen)
		seen.KeepFrom(before)
	}
	t.runs.ObserveForAnswer(ctx, seen)
	return t.present.Stopped(ctx, seen, ended), nil
}

// fetchBeforeStop is what is known of a task before it is stopped. That it cannot be
// read is no reason not to stop it.
func (t *tools) fetchBeforeStop(ctx context.Context, id schemas.ID) *runs.Snapshot {
	ctx, cancel := context.WithTimeout(ctx, beforeStop)
	defer cancel()
	seen, err := t.runs.Fetch(ctx, string(id), 0)
	if err != nil {
		return &runs.Snapshot{Task: browseract.Task{TaskSummary: browseract.TaskSummary{ID: browseract.ID(id), Status: browseract.TaskUnknown}}}
	}
	return seen
}
