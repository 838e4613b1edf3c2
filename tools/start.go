package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
)

// A start is one run about to be started, its arguments checked.
type start struct {
	workflowID, templateID string // one of them
	wait                   waitInput
	send                   func(context.Context) (browseract.Started, error)
}

// start sends the run, once, and follows it. From the moment that the API has
// accepted it, every answer carries the task's id.
func (t *toolset) start(ctx context.Context, s start) (schemas.Task, error) {
	began := time.Now()
	started, err := s.send(ctx)
	if err != nil {
		return schemas.Task{}, s.explain(err)
	}
	// Also when the caller has gone meanwhile: then this line is all that tells.
	t.Logger.InfoContext(ctx, "run started", "task_id", string(started.TaskID), "workflow_id", s.workflowID, "template_id", s.templateID)
	return t.follow(ctx, sighting{
		task: browseract.Task{TaskSummary: browseract.TaskSummary{
			ID:         started.TaskID,
			WorkflowID: browseract.ID(s.workflowID),
			ProfileID:  started.ProfileID,
			Status:     browseract.TaskCreated,
		}},
		templateID: s.templateID,
		began:      began,
	}, pursuit{wait: s.wait}), nil
}

// explain adds what the caller should do after a start that failed.
func (s start) explain(err error) error {
	var unknown *browseract.StartUnknownError
	if errors.As(err, &unknown) {
		return hinting(err, s.lookFor(unknown.SentAt))
	}
	return notStarted(err)
}

// lookFor is the call that finds a run which may have started. Runs of a template
// are listed under a workflow of their own, so only the time is known of them.
// The API's clock may be a minute behind ours.
func (s start) lookFor(sentAt time.Time) *schemas.NextStep {
	arguments := map[string]any{"created_from": stamp(sentAt.Add(-time.Minute))}
	if s.workflowID != "" {
		arguments["workflow_id"] = s.workflowID
	}
	return &schemas.NextStep{Tool: "list_tasks", Arguments: arguments, Why: "to look for the run that may have started"}
}

// notStarted says of an error before or instead of a start that nothing began.
func notStarted(err error) error {
	if err == nil {
		return nil
	}
	return &unstarted{err}
}

// An unstarted is an error after which it is certain that no run began.
type unstarted struct{ err error }

func (u *unstarted) Error() string { return fmt.Sprintf("not started: %v", u.err) }
func (u *unstarted) Unwrap() error { return u.err }
