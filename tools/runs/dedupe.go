package runs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A claim is the ledger's answer to a start.
type claim struct {
	ledger.Claim
	seen     *browseract.Task // of a duplicate, if it could be read
	warnings []string
}

func (c *claim) warn(text string) {
	if !slices.Contains(c.warnings, text) {
		c.warnings = append(c.warnings, text)
	}
}

// settle records what the start came to. A failure only costs the guard its memory: the
// run's id is in the answer all the same.
func (e *Engine) settle(ctx context.Context, c *claim, s ledger.Settlement) {
	if err := e.ledger.Settle(context.WithoutCancel(ctx), c.Run.ID, s); err != nil {
		e.Logger.WarnContext(ctx, "a start could not be settled in the ledger", "error", err)
		c.warn(degradedWarning(err))
	}
}

// claim asks the ledger for a start: it is new and this call's, or it is a known run. It
// waits for identical starts that are in progress, and looks for those that were left
// open by a crash or an unclear answer.
func (e *Engine) claim(ctx context.Context, r Request) (*claim, error) {
	intent := e.intent(ctx, r)
	for fetched, freed := false, false; ; {
		intent.SentAt = e.Client.Now() // anew after each wait: the task is looked for from then on
		c, err := e.begin(ctx, intent)
		if err != nil {
			return nil, err
		}
		switch c.Outcome {
		case ledger.Claimed:
			return c, e.checkTime(ctx, c, r)
		case ledger.Duplicate:
			if fetched || c.Run.Ended() {
				return c, nil
			}
			c.seen, fetched = e.fetchKnown(ctx, c.Run), true
			if c.seen == nil || !c.seen.Status.Ended() {
				return c, nil
			}
		case ledger.Pending:
			if err := e.resolve(ctx, c, r); err != nil {
				return nil, err
			}
		case ledger.KeyConflict:
			return nil, keyConflict(c.Run)
		default:
			if freed || !e.free(ctx, c) {
				return nil, overBudget(c.Exceeded)
			}
			freed = true
		}
	}
}

func keyConflict(run ledger.Run) error {
	e := &problem.Error{Code: "idempotency_key_reused", Message: "Nothing was started: this idempotency_key belongs to a run with other arguments. Use a new key for a new run, or send the same arguments as before."}
	if run.TaskID != "" {
		e.NextStep = schemas.NextTask("get_task", run.TaskID, "to see the run that the key belongs to")
	}
	return e
}

// maxFreed is how many runs are looked at to make room in a budget.
const maxFreed = 10

// free looks at runs that count as under way: some may have ended unseen, and hold a
// place or credits for nothing. It reports whether any had.
func (e *Engine) free(ctx context.Context, c *claim) (freed bool) {
	if c.Exceeded.Limit == ledger.RunsPerDay {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	open, err := e.ledger.InFlight(ctx, e.Caller(ctx))
	if err != nil {
		return false
	}
	for _, run := range open[max(0, len(open)-maxFreed):] { // the oldest
		task, err := e.Client.Task(ctx, run.TaskID)
		if err == nil && task.Status.Ended() {
			_ = e.Observe(ctx, task.TaskSummary)
			freed = true
		}
	}
	return freed
}

// intent is what the ledger has to know of a start.
func (e *Engine) intent(ctx context.Context, r Request) ledger.Start {
	caller := e.Caller(ctx)
	return ledger.Start{
		Caller:         caller,
		Kind:           r.Kind(),
		TargetID:       r.Target(),
		Fingerprint:    r.Fingerprint(caller),
		InputShapes:    inputShapes(r.Inputs),
		IdempotencyKey: r.IdempotencyKey,
		AllowDuplicate: r.AllowDuplicate,
		Reserve:        e.reserve(ctx, r),
		Limits:         e.Policy.limits(),
		BatchID:        r.BatchID,
		Row:            r.Row,
	}
}

// begin asks the ledger, which remembers in memory while its file cannot be used.
func (e *Engine) begin(ctx context.Context, intent ledger.Start) (*claim, error) {
	if !e.HasLedger() {
		if intent.IdempotencyKey != "" {
			return nil, &problem.Error{Code: "no_ledger", Message: "Nothing was started: this server keeps no ledger, so it cannot hold an idempotency_key. Leave it out, and look in list_tasks before you start a run again."}
		}
		intent.Limits = ledger.Limits{}
	}
	answer, err := e.ledger.Begin(ctx, intent)
	switch {
	case err != nil && !errors.Is(err, ledger.ErrUnavailable):
		return nil, problem.NotStarted(err)
	case err != nil && intent.BatchID != "":
		return nil, Unavailable(err) // the row and its inputs are in it
	case err != nil:
		return nil, &problem.Error{Code: problem.CodeLedgerUnavailable, Message: "Nothing was started: the budgets of this server cannot be checked, because its ledger cannot be used. Ask the user to run browseract-mcp doctor."}
	}
	c := &claim{Claim: answer, warnings: exceededWarning(answer.Exceeded)}
	if c.Degraded != nil {
		e.Logger.WarnContext(ctx, "the ledger cannot be used", "error", c.Degraded)
		c.warn(degradedWarning(c.Degraded))
	}
	return c, nil
}

// checkTime gives a claim back if the call has no time left for the start, or has ended:
// the answer would come after the client has given up. A client that never gives a call
// so long may start all the same: the guard then knows the run.
func (e *Engine) checkTime(ctx context.Context, c *claim, r Request) error {
	hurried := call.From(ctx).ClientTimeout() > 0 && r.BatchID == ""
	if ctx.Err() == nil && (hurried || call.HasTimeFor(ctx, call.ForStart)) {
		return nil
	}
	e.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
	if err := ctx.Err(); err != nil {
		return problem.NotStarted(err)
	}
	return &problem.Error{Code: "no_time_left", Retryable: true, Message: "Nothing was started: the call's time was used up before the start could be sent. Call again."}
}

// fetchKnown reads a run that the ledger takes for unfinished. Nil: it could not be
// read, and the ledger's word stands. A task that does not exist any more has ended, and
// its end counts as reported by this answer.
func (e *Engine) fetchKnown(ctx context.Context, run ledger.Run) *browseract.Task {
	reading, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	task, err := e.Client.Task(reading, run.TaskID)
	gone := errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask}) && e.sinceStart(run) > goneAfter
	if gone {
		task = deletedTask(run)
	} else if err != nil {
		return nil
	}
	_ = e.Observe(ctx, task.TaskSummary)
	if gone && ctx.Err() == nil {
		_ = e.ledger.MarkReported(context.WithoutCancel(ctx), e.Caller(ctx), run.TaskID)
	}
	return &task
}

// deletedTask stands for a task that was deleted: it ended when its run was started, for
// all that is known.
func deletedTask(run ledger.Run) browseract.Task {
	return browseract.Task{TaskSummary: browseract.TaskSummary{
		ID: browseract.ID(run.TaskID), Status: browseract.TaskCanceled,
		CreatedAt:  browseract.Time{Time: run.SentAt},
		FinishedAt: browseract.Time{Time: run.SentAt.Add(time.Millisecond)},
	}}
}

// snapshotOfKnown is what is known of a run that was asked for before.
func (e *Engine) snapshotOfKnown(ctx context.Context, r Request, c *claim) *Snapshot {
	seen := r.snapshot(c, browseract.ID(c.Run.TaskID), "")
	seen.Began, seen.Deduplicated = c.Run.BegunAt, true
	seen.Task.Status = browseract.TaskStatus(c.Run.Status)
	if c.seen == nil && !r.WillWait {
		c.seen = e.fetchKnown(ctx, c.Run)
	}
	if c.seen != nil {
		seen.update(browseract.Observation{Task: *c.seen, Detail: true, At: time.Now()})
	}
	if c.Run.Matched {
		seen.Warn("This task was found by its workflow, inputs and time after a start without a clear answer; it is this run unless another client started the same one then.")
	}
	if r.IdempotencyKey == "" {
		seen.Warn("This run was asked for before, so it was not started again. Send allow_duplicate only if the user wants a second, paid run.")
	}
	return seen
}
