package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
)

type resumeTaskInput struct {
	TaskID schemas.ID `json:"task_id"`
	waitInput
}

// resumeGrace is how long after a resume the API may still say paused.
const resumeGrace = 15 * time.Second

func resumeTask(t *toolset) server.ServerTool {
	return defineRun(t, spec{
		name:        "resume_task",
		title:       "Resume task",
		description: "Let a paused task go on, after the user has said that they did what it waited for, and wait for it.",
		effects:     effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}, func(ctx context.Context, in resumeTaskInput) (runAnswer, error) {
		if err := t.Client.ResumeTask(ctx, string(in.TaskID)); err != nil {
			return runAnswer{}, problem.WithNext(err, schemas.NextTask("get_task", string(in.TaskID), "to see what the task is doing"))
		}
		resumed := browseract.Task{TaskSummary: browseract.TaskSummary{ID: browseract.ID(in.TaskID), Status: browseract.TaskRunning}}
		return t.follow(ctx, sighting{task: resumed, at: time.Now()}, pursuit{
			wait:         in.waitInput,
			pausedCounts: time.Now().Add(resumeGrace),
		}), nil
	})
}
