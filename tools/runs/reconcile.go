package runs

import (
	"context"
	"errors"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// resolve settles an identical start whose outcome is open: it waits for the call that
// works on it, or else searches for its task. Nil: ask the ledger again, also if that
// has failed or was replaced meanwhile.
func (c *claim) resolve(ctx context.Context) (err error) {
	if c.Run.Leased {
		err = c.awaitHolder(ctx)
	} else {
		err = c.adopt(ctx)
	}
	if errors.Is(err, ledger.ErrUnavailable) || errors.Is(err, ledger.ErrNoRun) {
		return nil
	}
	return err
}

// adopt searches for the task of the start, unless another call has begun to.
func (c *claim) adopt(ctx context.Context) error {
	run, adopted, err := c.e.ledger.Adopt(ctx, c.Run.ID)
	if err != nil || !adopted {
		return err
	}
	searching, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	return c.e.finderFor(run, c.request).settleOpen(searching)
}

// awaitHolder waits until the holder of an identical start is done with it. Nil: ask the
// ledger again.
func (c *claim) awaitHolder(ctx context.Context) error {
	for {
		short, cancel := context.WithTimeout(ctx, lockGrace)
		run, err := c.e.ledger.Await(short, c.Run.ID)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return &problem.Error{Code: problem.CodeStartInProgress, Retryable: true, RetryAfter: problem.Seconds(startRetryAfter), Message: "The same run is being started by another call right now. Nothing was started twice. Call again in a few seconds: the answer will carry its task_id."}
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		}
		f := c.e.finderFor(run, c.request)
		found, _, err := f.list(ctx)
		if err != nil {
			continue
		}
		// Its holder knows better, if it lives, and its settlement replaces this one.
		if match, ok := onlyCertain(found); ok && f.settle(ctx, matchedTo(match.task)) == nil {
			return nil
		}
	}
}

// matchedTo settles a start to a task that was found to be its run.
func matchedTo(task browseract.TaskSummary) ledger.Settlement {
	return ledger.Settlement{State: ledger.Started, TaskID: string(task.ID), Matched: true}
}

func (f *finder) settle(ctx context.Context, s ledger.Settlement) error {
	return f.e.ledger.Settle(context.WithoutCancel(ctx), f.run.ID, s)
}

// settleOpen searches for the task of a start that was left open, until searching ends.
// Nil: it is settled. A start did not happen only if that is proven.
func (f *finder) settleOpen(searching context.Context) error {
	found, err := f.find(searching)
	if err == nil {
		if match, ok := onlyCertain(found); ok {
			err := f.settle(searching, matchedTo(match.task))
			if !errors.Is(err, ledger.ErrTaskTaken) {
				return err
			}
		}
		if len(found) == 0 && f.run.Absence.Proven() {
			return f.settle(searching, ledger.Settlement{State: ledger.Lost})
		}
	}
	if err := f.settle(searching, ledger.Settlement{State: ledger.Unknown}); err != nil {
		return err
	}
	unknown := &browseract.StartUnknownError{SentAt: f.run.BegunAt, Err: errors.New("an earlier start got no clear answer")}
	return f.ambiguous(unknown, found)
}

// settleUnlessHeld is settleOpen unless another call works on the start.
func (f *finder) settleUnlessHeld(searching context.Context) error {
	run, adopted, err := f.e.ledger.Adopt(searching, f.run.ID)
	if err != nil || !adopted {
		return nil // the next call sees what came of it
	}
	f.run = run
	if err := f.settleOpen(searching); !errors.Is(err, ledger.ErrUnavailable) {
		return err
	}
	return nil // it is remembered, and written later
}

// Reconcile searches for up to 8 s for the task of a run that was left open, unless
// another call works on it. r is what it was started with; nil: that is not known. It
// reports whether the start stays ambiguous: searching again at once is of no use.
func (e *Engine) Reconcile(ctx context.Context, run ledger.Run, r *Request) (ambiguous bool) {
	searching, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	f := &finder{e: e, run: run}
	if r != nil {
		f = e.finderFor(run, *r)
	}
	_, ambiguous = errors.AsType[*AmbiguousStartError](f.settleUnlessHeld(searching))
	return ambiguous
}

// sinceStart is how long ago a start was made, by the clock that makes it the shorter
// time.
func (e *Engine) sinceStart(run ledger.Run) time.Duration {
	return max(0, min(time.Since(run.BegunAt), e.Client.Now().Sub(run.SentAt)))
}
