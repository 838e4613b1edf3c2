package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
)

type getTaskInput struct {
	TaskID            schemas.ID `json:"task_id"`
	IncludeSteps      bool       `json:"include_steps,omitempty"`
	IncludeScreenshot bool       `json:"include_screenshot,omitempty" jsonschema_description:"Of the last step, or the one that failed"`
	waitInput
}

// wishes notes what the answer is to show.
func (in getTaskInput) wishes(s *sighting) {
	s.allSteps, s.pictured = in.IncludeSteps, in.IncludeScreenshot
}

func getTask(t *toolset) server.ServerTool {
	return defineRun(t, spec{
		name:  "get_task",
		title: "Get task",
		description: "Show a task's status, cost and the beginning of its output. Waits for it to end; " +
			"if the wait runs out, call it again. Never stops or repeats the run.",
		effects: effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in getTaskInput) (runAnswer, error) {
		seen, err := t.taskOf(ctx, in.TaskID, in.waitInput)
		if err != nil {
			return runAnswer{}, err
		}
		in.wishes(&seen)
		return t.follow(ctx, seen, pursuit{
			wait:         in.waitInput,
			pausedCounts: t.Client.IgnorePausedUntil(ctx, string(in.TaskID)),
		}), nil
	})
}
