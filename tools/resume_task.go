package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type resumeTaskInput struct {
	TaskID schemas.ID `json:"task_id"`
	waitInput
}

func resumeTask(t *tools) server.ServerTool {
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
		w := runs.WaitOptions{Wait: in.wait(), IgnorePausedUntil: time.Now().Add(browseract.ResumeGrace)}
		return t.follow(ctx, &runs.Snapshot{Task: resumed, At: time.Now()}, w, present.Options{}), nil
	})
}
