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

// A claim is the ledger's answer to a request for a run.
type claim struct {
	ledger.Claim
	e        *Engine
	request  Request
	seen     *browseract.Task // of a duplicate, if it could be read
	warnings []string
}

// claim asks the ledger for a start: it is new and this call's, or it is a known run. It
// waits for identical starts that are in progress, and searches for those that were left
// open by a crash or an unclear answer.
func (e *Engine) claim(ctx context.Context, r Request) (*claim, error) {
	intent := e.intent(ctx, r)
	for fetched, freed := false, false; ; {
		intent.SentAt = e.Client.Now() // anew after each wait: tasks are searched from then on
		c, err := e.begin(ctx, intent, r)
		if err != nil {
			return nil, err
		}
		switch c.Outcome {
		case ledger.Claimed:
			return c, c.checkTime(ctx)
		case ledger.Duplicate:
			if fetched || c.Run.Ended() || !c.endedUnseen(ctx) {
				return c, nil
			}
			fetched = true
		case ledger.Pending:
			if err := c.resolve(ctx); err != nil {
				return nil, err
			}
		case ledger.KeyConflict:
			return nil, keyConflict(c.Run)
		default:
			if freed || !e.refreshOldest(ctx, c.Exceeded) {
				return nil, overBudget(c.Exceeded)
			}
			freed = true
		}
	}
}

// endedUnseen reads the claim's run, and reports whether it has ended, which the ledger
// did not know.
func (c *claim) endedUnseen(ctx context.Context) bool {
	c.seen = c.e.fetchKnown(ctx, c.Run)
	return c.seen != nil && c.seen.Status.Ended()
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
func (e *Engine) begin(ctx context.Context, intent ledger.Start, r Request) (*claim, error) {
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
	c := &claim{Claim: answer, e: e, request: r}
	c.warn(exceededWarning(answer.Exceeded))
	if c.Degraded != nil {
		e.Logger.WarnContext(ctx, "the ledger cannot be used", "error", c.Degraded)
		c.warn(degradedWarning(c.Degraded))
	}
	return c, nil
}

// checkTime gives the claim back if the call has no time left for the start, or has
// ended: the answer would come after the client has given up. A client whose calls are
// always too short may start all the same: the duplicate guard then knows the run.
func (c *claim) checkTime(ctx context.Context) error {
	alwaysShort := call.From(ctx).ClientTimeout() > 0 && c.request.BatchID == ""
	if ctx.Err() == nil && (alwaysShort || call.HasTimeFor(ctx, call.ForStart)) {
		return nil
	}
	c.refuse(ctx)
	if err := ctx.Err(); err != nil {
		return problem.NotStarted(err)
	}
	return &problem.Error{Code: "no_time_left", Retryable: true, Message: "Nothing was started: the call's time was used up before the start could be sent. Call again."}
}

func keyConflict(run ledger.Run) error {
	e := &problem.Error{Code: "idempotency_key_reused", Message: "Nothing was started: this idempotency_key belongs to a run with other arguments. Use a new key for a new run, or send the same arguments as before."}
	if run.TaskID != "" {
		e.NextStep = schemas.NextTask("get_task", run.TaskID, "to see the run that the key belongs to")
	}
	return e
}

// maxRefreshed is how many runs are read to make room in a budget.
const maxRefreshed = 10

// refreshOldest reads the oldest runs that count as under way: some may have ended
// unseen, and still hold a place or credits. It reports whether any had.
func (e *Engine) refreshOldest(ctx context.Context, exceeded *ledger.Exceeded) (ended bool) {
	if exceeded.Limit == ledger.RunsPerDay {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	open, err := e.ledger.InFlight(ctx, e.Caller(ctx))
	if err != nil {
		return false
	}
	for _, run := range open[max(0, len(open)-maxRefreshed):] {
		task, err := e.Client.Task(ctx, run.TaskID)
		if err == nil && task.Status.Ended() {
			_ = e.Observe(ctx, task.TaskSummary)
			ended = true
		}
	}
	return ended
}

// fetchKnown reads a run that the ledger takes for unfinished. Nil: it could not be
// read, and the ledger counts. A task that does not exist any more has ended, and
// its end counts as reported by this answer.
func (e *Engine) fetchKnown(ctx context.Context, run ledger.Run) *browseract.Task {
	reading, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	task, err := e.Client.Task(reading, run.TaskID)
	gone := isNoSuchTask(err) && e.sinceStart(run) > goneAfter
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

func isNoSuchTask(err error) bool {
	return errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask})
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

// duplicate is what is known of a run that was asked for before.
func (c *claim) duplicate(ctx context.Context) *Snapshot {
	s := c.snapshot(browseract.ID(c.Run.TaskID), "")
	s.Began, s.Deduplicated = c.Run.BegunAt, true
	s.Task.Status = browseract.TaskStatus(c.Run.Status)
	if c.seen == nil && !c.request.WillWait {
		c.seen = c.e.fetchKnown(ctx, c.Run)
	}
	if c.seen != nil {
		s.update(browseract.Observation{Task: *c.seen, Detail: true, At: time.Now()})
	}
	if c.Run.Matched {
		s.warn("This task was found by its workflow, inputs and time after a start without a clear answer; it is this run unless another client started the same one then.")
	}
	if c.request.IdempotencyKey == "" {
		s.warn("This run was asked for before, so it was not started again. Send allow_duplicate only if the user wants a second, paid run.")
	}
	return s
}

// warn adds warnings that the claim does not have yet; "" is none.
func (c *claim) warn(texts ...string) {
	for _, text := range texts {
		if text != "" && !slices.Contains(c.warnings, text) {
			c.warnings = append(c.warnings, text)
		}
	}
}

// settle records what the start came to. If that fails, only the duplicate guard forgets
// the run: its id is in the answer all the same.
func (c *claim) settle(ctx context.Context, s ledger.Settlement) {
	if err := c.e.ledger.Settle(context.WithoutCancel(ctx), c.Run.ID, s); err != nil {
		c.e.Logger.WarnContext(ctx, "a start could not be settled in the ledger", "error", err)
		c.warn(degradedWarning(err))
	}
}

// refuse records that nothing was started.
func (c *claim) refuse(ctx context.Context) {
	c.settle(ctx, ledger.Settlement{State: ledger.Refused})
}
