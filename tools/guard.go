package tools

import (
	"context"
	"errors"
	"fmt"
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

// settle records what the start came to. A failure only costs the guard its
// memory: the run's id is in the answer all the same.
func (t *toolset) settle(ctx context.Context, c *claim, s ledger.Settlement) {
	if t.starts == nil {
		return
	}
	if err := t.starts.Settle(context.WithoutCancel(ctx), c.Run.ID, s); err != nil {
		t.Logger.WarnContext(ctx, "a start could not be settled in the ledger", "error", err)
		c.warn(ledgerWarning(err))
	}
}

// claim asks the ledger for the start s: it is new and ours, or it is a run that
// is known. It waits for identical starts that are under way, and looks for those
// that were left open by a crash or an unclear answer.
func (t *toolset) claim(ctx context.Context, s start) (*claim, error) {
	intent := t.intent(ctx, s)
	for looked, freed := false, false; ; {
		intent.SentAt = t.Client.Now() // anew after each wait: the task is looked for from then on
		c, err := t.begin(ctx, intent)
		if err != nil {
			return nil, err
		}
		switch c.Outcome {
		case ledger.Claimed:
			return c, t.checkTime(ctx, c, s)
		case ledger.Duplicate:
			if looked || c.Run.Ended() {
				return c, nil
			}
			c.seen, looked = t.lookAtKnown(ctx, c.Run), true
			if c.seen == nil || !c.seen.Status.Ended() {
				return c, nil
			}
		case ledger.Pending:
			if err := t.resolve(ctx, c, s); err != nil {
				return nil, err
			}
		case ledger.KeyConflict:
			return nil, &problem.Error{Code: "idempotency_key_reused", Message: "Nothing was started: this idempotency_key belongs to a run with other arguments. Use a new key for a new run, or send the same arguments as before.", NextStep: nextOf(c.Run)}
		default:
			if freed || !t.free(ctx, c) {
				return nil, overBudget(c.Exceeded)
			}
			freed = true
		}
	}
}

// mostFreed is how many runs are looked at to make room in a budget.
const mostFreed = 10

// free looks at runs that count as under way: some may have ended unseen, and hold
// a place or credits for nothing. It reports whether any had.
func (t *toolset) free(ctx context.Context, c *claim) (freed bool) {
	if c.Exceeded.Limit == ledger.RunsPerDay {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	open, err := t.starts.InFlight(ctx, t.Caller(ctx))
	if err != nil {
		return false
	}
	for _, run := range open[max(0, len(open)-mostFreed):] { // the oldest
		task, err := t.Client.Task(ctx, run.TaskID)
		if err == nil && task.Status.Ended() {
			t.observe(ctx, &sighting{task: task, whole: true}, false)
			freed = true
		}
	}
	return freed
}

// intent is what the ledger has to know of a start.
func (t *toolset) intent(ctx context.Context, s start) ledger.Start {
	caller := t.Caller(ctx)
	return ledger.Start{
		Caller:         caller,
		Kind:           s.kind(),
		TargetID:       s.target(),
		Fingerprint:    s.fingerprint(caller),
		InputShapes:    inputShapes(s.inputs),
		IdempotencyKey: s.guard.IdempotencyKey,
		AllowDuplicate: s.guard.AllowDuplicate,
		Reserve:        t.assume(ctx, s),
		Limits:         t.Policy.limits(),
		BatchID:        s.batchID,
		Row:            s.row,
	}
}

// begin asks the ledger, or what this process remembers where it cannot be used.
func (t *toolset) begin(ctx context.Context, intent ledger.Start) (*claim, error) {
	if t.Ledger == nil {
		if intent.IdempotencyKey != "" {
			return nil, needsLedger()
		}
		intent.Limits = ledger.Limits{}
	}
	if t.starts == nil {
		return unkept(intent), nil
	}
	answer, err := t.starts.Begin(ctx, intent)
	switch {
	case err != nil && !errors.Is(err, ledger.ErrUnavailable):
		return nil, problem.NotStarted(err)
	case err != nil && intent.BatchID != "":
		return nil, noLedgerNow(err) // the row and its inputs are in it
	case err != nil:
		return nil, &problem.Error{Code: problem.CodeLedgerUnavailable, Message: "Nothing was started: the budgets of this server cannot be checked, because its ledger cannot be used. Ask the user to run browseract-mcp doctor."}
	}
	c := &claim{Claim: answer, warnings: exceededWarning(answer.Exceeded)}
	if c.Degraded != nil {
		t.Logger.WarnContext(ctx, "the ledger cannot be used", "error", c.Degraded)
		c.warn(ledgerWarning(c.Degraded))
	}
	return c, nil
}

// unkept is the claim of a start that nothing remembers. It can be looked for all the
// same if it gets no clear answer.
func unkept(intent ledger.Start) *claim {
	return &claim{Claim: ledger.Claim{Outcome: ledger.Claimed, Run: ledger.Run{
		Caller: intent.Caller, Kind: intent.Kind, TargetID: intent.TargetID, Fingerprint: intent.Fingerprint,
		InputShapes: intent.InputShapes, SentAt: intent.SentAt, BegunAt: time.Now(),
	}}}
}

func needsLedger() error {
	return &problem.Error{Code: "no_ledger", Message: "Nothing was started: this server keeps no ledger, so it cannot hold an idempotency_key. Leave it out, and look in list_tasks before you start a run again."}
}

func ledgerWarning(err error) string {
	reason := "it cannot be used"
	if u, ok := errors.AsType[*ledger.UnavailableError](err); ok {
		reason = u.Reason
	}
	return fmt.Sprintf("This server's ledger of runs cannot be used (%s), so runs are remembered only until it stops. The user can run browseract-mcp doctor.", reason)
}

// checkTime gives a claim back if the call has no time left for the start, or has
// ended: the answer would come after the client has given up. A client that never
// gives a call so long may start all the same, if the guard then knows the run.
func (t *toolset) checkTime(ctx context.Context, c *claim, s start) error {
	hurried := call.From(ctx).ClientTimeout() > 0 && s.batchID == ""
	if ctx.Err() == nil && (call.HasTimeFor(ctx, call.ForStart) || (hurried && t.starts != nil)) {
		return nil
	}
	t.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
	if err := ctx.Err(); err != nil {
		return problem.NotStarted(err)
	}
	if hurried {
		return &problem.Error{Code: "no_time_left", Message: "Nothing was started: this client does not wait long enough for a start, and without a ledger this server could not tell a repeated call from a second run. Ask the user to let the client wait for 30 s or more, or the server keep a ledger."}
	}
	return &problem.Error{Code: "no_time_left", Retryable: true, Message: "Nothing was started: the call's time was used up before the start could be sent. Call again."}
}

// lookAtKnown reads a run that the ledger takes for unfinished. Nil: it could not
// be read, and the ledger's word stands.
func (t *toolset) lookAtKnown(ctx context.Context, run ledger.Run) *browseract.Task {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	task, err := t.Client.Task(ctx, run.TaskID)
	gone := errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask}) && t.sinceStart(run) > goneAfter
	if gone {
		task = deletedTask(run)
	} else if err != nil {
		return nil
	}
	t.observe(ctx, &sighting{task: task, whole: true}, gone)
	return &task
}

// deletedTask stands for a task that was deleted: it ended, and no longer ago than
// its run was started there is nothing to tell of it.
func deletedTask(run ledger.Run) browseract.Task {
	return browseract.Task{TaskSummary: browseract.TaskSummary{
		ID: browseract.ID(run.TaskID), Status: browseract.TaskCanceled,
		CreatedAt:  browseract.Time{Time: run.SentAt},
		FinishedAt: browseract.Time{Time: run.SentAt.Add(time.Millisecond)},
	}}
}

// goneAfter is how old a run has to be for a task that does not exist to be one that
// somebody deleted. It has ended then, and this answer tells of it.
const goneAfter = 5 * time.Minute

// sightKnown is what is known of a run that was asked for before.
func (t *toolset) sightKnown(ctx context.Context, s start, c *claim) sighting {
	seen := s.sight(c, browseract.ID(c.Run.TaskID), "")
	seen.began, seen.deduplicated = c.Run.BegunAt, true
	seen.task.Status = browseract.TaskStatus(c.Run.Status)
	if c.seen == nil && s.wait.WaitSeconds == 0 {
		c.seen = t.lookAtKnown(ctx, c.Run)
	}
	if c.seen != nil {
		seen.saw(*c.seen, true)
	}
	if c.Run.Matched {
		seen.warn("This task was found by its workflow, inputs and time after a start without a clear answer; it is this run unless somebody else started the same one then.")
	}
	if s.guard.IdempotencyKey == "" {
		seen.warn("This run was asked for before, so it was not started again. Send allow_duplicate only if the user wants a second, paid run.")
	}
	return seen
}

func nextOf(run ledger.Run) *schemas.NextStep {
	if run.TaskID == "" {
		return nil
	}
	return schemas.NextTask("get_task", run.TaskID, "to see the run that the key belongs to")
}
