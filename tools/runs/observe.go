package runs

import (
	"context"
	"errors"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// Observe records what was seen of a task. The error is that of a ledger that cannot be
// used; what the duplicate guard does not know, it reads from BrowserAct.
func (e *Engine) Observe(ctx context.Context, task browseract.TaskSummary) error {
	o := ledger.Observation{Status: string(task.Status)}
	if task.Status.Ended() {
		o.EndedAt, o.Duration = endOf(task, e.Client.Now()), durationOf(task)
	}
	if credits, ok := task.Credits(); ok {
		o.Credits = &credits
	}
	return e.ledger.Observe(context.WithoutCancel(ctx), e.Caller(ctx), string(task.ID), o)
}

// ObserveForAnswer records the task that a call answers with. Once the reply has been
// delivered its end counts as reported: the same run may start again two minutes after
// the end, and ten minutes after an end that was not reported.
func (e *Engine) ObserveForAnswer(ctx context.Context, s *Snapshot) {
	if err := e.Observe(ctx, s.Task.TaskSummary); errors.Is(err, ledger.ErrUnavailable) {
		s.warn("%s", degradedWarning(err))
	}
	if s.Ended() {
		e.ReportAfterReply(ctx, s.ID())
	}
}

// ReportAfterReply records that the ends of tasks were reported, once the reply to the call
// of ctx has been delivered.
func (e *Engine) ReportAfterReply(ctx context.Context, taskIDs ...string) {
	own, caller := context.WithoutCancel(ctx), e.Caller(ctx)
	call.AfterReply(ctx, func(delivered bool) {
		if !delivered {
			return
		}
		for _, id := range taskIDs {
			if err := e.ledger.MarkReported(own, caller, id); err != nil {
				e.Logger.WarnContext(own, "a reported end was not recorded", "task_id", id, "error", err)
			}
		}
	})
}

// endOf is when an ended task ended, by the API's clock: as it says, or now if it says
// nothing or the time of the creation, which it may for any task.
func endOf(task browseract.TaskSummary, now time.Time) time.Time {
	if task.FinishedAt.After(task.CreatedAt.Time) {
		return task.FinishedAt.Time
	}
	return now
}

// durationOf is how long an ended task took, 0 where it is not known.
func durationOf(task browseract.TaskSummary) time.Duration {
	if task.CreatedAt.IsZero() || task.FinishedAt.IsZero() {
		return 0
	}
	return max(0, task.FinishedAt.Sub(task.CreatedAt.Time))
}
