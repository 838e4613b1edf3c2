package tools

import (
	"context"
	"fmt"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
)

type stopTaskInput struct {
	TaskID schemas.ID `json:"task_id"`
}

func stopTask(t *toolset) server.ServerTool {
	return define(t, spec{
		name:        "stop_task",
		title:       "Stop task",
		description: "Stop a task for good; what it has cost stays billed. Only when the user wants it.",
		effects:     effects{readOnly: false, destructive: true, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in stopTaskInput) (schemas.Task, error) {
		ended, err := t.Client.StopTask(ctx, string(in.TaskID))
		if err != nil {
			return schemas.Task{}, hinting(err, nextTask("get_task", string(in.TaskID), "to see whether the task still runs"))
		}
		return t.stopped(ctx, in.TaskID, ended), nil
	})
}

// stopped describes a task that was just told to stop, or had ended before.
func (t *toolset) stopped(ctx context.Context, id schemas.ID, ended bool) schemas.Task {
	seen := sighting{task: browseract.Task{TaskSummary: browseract.TaskSummary{ID: browseract.ID(id), Status: browseract.TaskUnknown}}}
	t.lookAgain(ctx, &seen)
	t.observe(ctx, &seen, true)
	result := t.describe(&seen, nil)
	switch {
	case ended:
		result.Summary = "The task had ended before. " + result.Summary
	case !result.Done:
		result.Summary = fmt.Sprintf("BrowserAct accepted the stop; the task is still %s and ends soon.", result.Status)
	}
	return result
}
