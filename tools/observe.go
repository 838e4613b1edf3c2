package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// observe brings a look at a task to the ledger. told says that this call's answer
// tells of the task: if it has ended, the guard then lets the same run start again two
// minutes after the end, and else after ten. A call whose client has gone tells
// nothing.
func (t *toolset) observe(ctx context.Context, s *sighting, told bool) {
	_ = t.record(ctx, s, told) // what the guard is not told it asks BrowserAct for
}

// record is observe, with the error of a ledger that cannot be used.
func (t *toolset) record(ctx context.Context, s *sighting, told bool) error {
	if t.starts == nil {
		return nil
	}
	o := ledger.Observation{Status: string(s.task.Status)}
	if s.task.Status.Ended() {
		o.EndedAt, o.Duration = t.endOf(s.task), tookOf(s.task.TaskSummary)
	}
	if credits, ok := s.task.Credits(); ok {
		o.Credits = &credits
	}
	own, caller, id := context.WithoutCancel(ctx), t.Caller(ctx), string(s.task.ID)
	err := t.starts.Observe(own, caller, id, o)
	if told && s.task.Status.Ended() && ctx.Err() == nil {
		err = cmp.Or(err, t.starts.MarkReported(own, caller, id))
	}
	return err
}

// observeForAnswer is observe for a call that answers with the task now.
func (t *toolset) observeForAnswer(ctx context.Context, s *sighting) {
	if err := t.record(ctx, s, true); errors.Is(err, ledger.ErrUnavailable) {
		s.warnOnce(ledgerWarning(err))
	}
}

// endOf is when a task ended, by the API's clock: as it tells, unless it tells
// nothing or the moment of the creation, which it may of any task.
func (t *toolset) endOf(task browseract.Task) time.Time {
	if task.FinishedAt.After(task.CreatedAt.Time) {
		return task.FinishedAt.Time
	}
	return t.Client.Now()
}

// tookOf is how long an ended task took, 0 where it does not tell.
func tookOf(task browseract.TaskSummary) time.Duration {
	if task.CreatedAt.IsZero() || task.FinishedAt.IsZero() {
		return 0
	}
	return max(0, task.FinishedAt.Sub(task.CreatedAt.Time))
}

// enough is from how many runs on an estimate is worth telling.
const enough = 3

// typical is what runs of a workflow or template take: as the ledger knows, else,
// for a workflow, as the account's latest finished tasks show.
func (t *toolset) typical(ctx context.Context, kind ledger.Kind, target string) ledger.Typical {
	if target == "" {
		return ledger.Typical{}
	}
	var known ledger.Typical
	if t.Ledger != nil {
		known, _ = t.Ledger.Typical(ctx, t.Caller(ctx), kind, target) // nothing, if it cannot be read
	}
	if known.Duration.Runs >= enough || kind != ledger.Workflow {
		return known
	}
	finished, err := t.Client.RecentlyFinished(ctx, target)
	if err != nil {
		return known
	}
	return ledger.TypicalOf(samples(finished))
}

func samples(tasks []browseract.TaskSummary) []ledger.Sample {
	list := make([]ledger.Sample, 0, len(tasks))
	for _, task := range tasks {
		var s ledger.Sample
		if !task.CreatedAt.IsZero() && task.FinishedAt.After(task.CreatedAt.Time) {
			s.Duration = task.FinishedAt.Sub(task.CreatedAt.Time)
		}
		if credits, told := task.Credits(); told {
			s.Credits = &credits
		}
		list = append(list, s)
	}
	return list
}

// typicalOf is what runs like this task take: as is known of them, else as the user
// says.
func (t *toolset) typicalOf(ctx context.Context, s *sighting) ledger.Typical {
	kind, target := t.origin(ctx, s)
	if target == "" {
		target = string(s.task.WorkflowID)
	}
	typical := t.typical(ctx, kind, target)
	if said := t.exposed.duration(kind, target); said > 0 && typical.Duration.Runs < enough {
		typical.Duration = ledger.Spread[time.Duration]{Runs: enough, Low: said, Median: said, High: said}
	}
	return typical
}

// origin is the workflow or template that a task is a run of, as this server knows
// it; empty: nobody here does. BrowserAct tells for a template's run another id.
func (t *toolset) origin(ctx context.Context, s *sighting) (kind ledger.Kind, target string) {
	if s.templateID != "" {
		return ledger.Template, s.templateID
	}
	if t.starts == nil {
		return ledger.Workflow, ""
	}
	run, known, err := t.starts.Run(ctx, t.Caller(ctx), string(s.task.ID))
	if err != nil || !known {
		return ledger.Workflow, ""
	}
	return run.Kind, run.TargetID
}

// remaining is how long a task has left by what is typical, 0 where nobody knows or
// where it takes longer than usual.
func remaining(typical ledger.Typical, elapsed time.Duration) time.Duration {
	if typical.Duration.Runs < enough {
		return 0
	}
	return max(0, typical.Duration.Median-elapsed)
}

// typicalText is the estimate for a person: typically 4–6 min, 30–33 credits (7
// runs). Empty: not enough is known.
func typicalText(typical ledger.Typical) string {
	n := typical.Duration.Runs
	if n < enough {
		return ""
	}
	text := "typically " + durations(typical.Duration.Low, typical.Duration.High)
	if typical.Credits.Runs >= enough {
		text += ", " + between(typical.Credits.Low, typical.Credits.High) + " credits"
	}
	return fmt.Sprintf("%s (%d runs)", text, n)
}

// durations writes two in the unit that suits the longer one: 45–80 s, 4–6 min, 1–3 h.
func durations(low, high time.Duration) string {
	unit, name := time.Second, "s"
	switch {
	case high >= 2*time.Hour:
		unit, name = time.Hour, "h"
	case high >= 2*time.Minute:
		unit, name = time.Minute, "min"
	}
	return between(int64((low+unit/2)/unit), int64((high+unit/2)/unit)) + " " + name
}

// between writes a range of whole numbers.
func between(low, high int64) string {
	if low == high {
		return strconv.FormatInt(low, 10)
	}
	return fmt.Sprintf("%d–%d", low, high)
}
