package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type getTaskInput struct {
	TaskID            schemas.ID `json:"task_id"`
	IncludeSteps      bool       `json:"include_steps,omitempty"`
	IncludeScreenshot bool       `json:"include_screenshot,omitempty" jsonschema_description:"Of the last step, or the one that failed"`
	waitInput
}

func (in getTaskInput) options() present.Options {
	return present.Options{AllSteps: in.IncludeSteps, Screenshot: in.IncludeScreenshot}
}

func getTask(t *tools) server.ServerTool {
	return defineRun(t, spec{
		name:  "get_task",
		title: "Get task",
		description: "Show a task's status, cost and the beginning of its output. Waits for it to end; " +
			"if the wait runs out, call it again. Never stops or repeats the run.",
		effects: effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in getTaskInput) (runAnswer, error) {
		seen, err := t.runs.Fetch(ctx, string(in.TaskID), in.wait())
		if err != nil {
			return runAnswer{}, err
		}
		w := runs.WaitOptions{Wait: in.wait(), IgnorePausedUntil: t.Client.IgnorePausedUntil(ctx, string(in.TaskID))}
		return t.follow(ctx, seen, w, in.options()), nil
	})
}
