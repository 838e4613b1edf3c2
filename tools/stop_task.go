package tools

import (
	"context"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
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
	}, t.stopTask)
}

// beforeStop is how long a stop waits to be told what it is about to stop.
const beforeStop = 3 * time.Second

// stopTask reads the task first: what it was doing may not be told afterwards.
func (t *toolset) stopTask(ctx context.Context, in stopTaskInput) (schemas.Task, error) {
	seen := t.sightBefore(ctx, in.TaskID)
	ended := seen.task.Status.Ended()
	if !ended {
		before := seen
		var err error
		if ended, err = t.Client.StopTask(ctx, string(in.TaskID)); err != nil {
			return schemas.Task{}, problem.WithNext(err, schemas.NextTask("get_task", string(in.TaskID), "to see whether the task still runs"))
		}
		seen.whole = false
		t.lookAgain(ctx, &seen)
		seen.keep(before.task)
	}
	return t.stopped(ctx, &seen, ended), nil
}

// sightBefore is what is known of a task before it is stopped. That it cannot be
// read is no reason not to stop it.
func (t *toolset) sightBefore(ctx context.Context, id schemas.ID) sighting {
	ctx, cancel := context.WithTimeout(ctx, beforeStop)
	defer cancel()
	task, err := t.Client.Task(ctx, string(id))
	if err != nil {
		return sighting{task: browseract.Task{TaskSummary: browseract.TaskSummary{ID: browseract.ID(id), Status: browseract.TaskUnknown}}}
	}
	return sighting{task: task, whole: true}
}

// keep keeps of an earlier look what a later one does not tell any more. What a run
// has cost never shrinks.
func (s *sighting) keep(before browseract.Task) {
	if len(s.task.Steps) == 0 {
		s.task.Steps = before.Steps
	}
	was, toldBefore := before.Credits()
	if is, told := s.task.Credits(); toldBefore && (!told || was > is) {
		s.task.Credit = before.Credit
	}
}

// stopped describes a task that was just told to stop, or had ended before.
func (t *toolset) stopped(ctx context.Context, seen *sighting, ended bool) schemas.Task {
	t.observeForAnswer(ctx, seen)
	result := t.describe(seen, nil)
	switch {
	case ended:
		result.Summary = "The task had ended before. " + result.Summary
	case result.Status == string(browseract.TaskCanceled):
		result.Summary = fmt.Sprintf("The run was canceled%s%s.%s", after(seen), atStep(seen.task.Steps), costs(result.Credits))
		result.Steps = describeSteps(last(seen.task.Steps, 1))
	case !result.Done:
		result.NeedsHuman = false
		result.NextStep = schemas.NextTask("get_task", result.TaskID, "to see that the run has ended")
		result.Summary = fmt.Sprintf("BrowserAct accepted the stop%s; the task is still %s and ends soon.%s", atStep(seen.task.Steps), result.Status, costs(result.Credits))
		result.Steps = describeSteps(last(seen.task.Steps, 1))
	}
	return result
}

// atStep tells which step a run was at, as a part of a sentence. What the step was
// to do stands in the answer's steps: it may come from a page.
func atStep(steps []browseract.Step) string {
	if len(steps) == 0 {
		return ""
	}
	return fmt.Sprintf(" at step %d", steps[len(steps)-1].Number)
}

func costs(credits *int64) string {
	if credits == nil {
		return " BrowserAct does not tell yet what it cost."
	}
	return fmt.Sprintf(" It had used %d credits, which stay billed.", *credits)
}
