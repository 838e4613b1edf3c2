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

// resolve finds out about an identical start whose outcome is open: it waits for the
// call that works on it, or else looks for its task. Nil: ask the ledger again, also if
// that has failed or was exchanged meanwhile.
func (e *Engine) resolve(ctx context.Context, c *claim, r Request) error {
	err := e.resolveOpen(ctx, c, r)
	if errors.Is(err, ledger.ErrUnavailable) || errors.Is(err, ledger.ErrNoRun) {
		return nil
	}
	return err
}

func (e *Engine) resolveOpen(ctx context.Context, c *claim, r Request) error {
	if c.Run.Leased {
		return e.awaitHolder(ctx, c, r)
	}
	run, adopted, err := e.ledger.Adopt(ctx, c.Run.ID)
	if err != nil || !adopted {
		return err
	}
	searching, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	return e.settleOpen(searching, e.finderFor(run, r))
}

// awaitHolder waits until the holder of an identical start is done with it. Nil: ask the
// ledger again.
func (e *Engine) awaitHolder(ctx context.Context, c *claim, r Request) error {
	for {
		short, cancel := context.WithTimeout(ctx, lockGrace)
		run, err := e.ledger.Await(short, c.Run.ID)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return &problem.Error{Code: problem.CodeStartInProgress, Retryable: true, RetryAfter: 5, Message: "The same run is being started by another call right now. Nothing was started twice. Call again in a few seconds: the answer will carry its task_id."}
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		}
		found, _, err := e.finderFor(run, r).list(ctx)
		if err != nil {
			continue
		}
		// Its holder knows better, if it lives, and its word replaces this.
		if match, ok := onlyCertain(found); ok && e.settleMatch(ctx, run, match.task) == nil {
			return nil
		}
	}
}

// settleMatch records that a task was found to be the run's.
func (e *Engine) settleMatch(ctx context.Context, run ledger.Run, task browseract.TaskSummary) error {
	found := ledger.Settlement{State: ledger.Started, TaskID: string(task.ID), Matched: true}
	return e.ledger.Settle(context.WithoutCancel(ctx), run.ID, found)
}

// settleStart settles the start that f looks for, unless another call works on it.
func (e *Engine) settleStart(searching context.Context, f *finder) error {
	run, adopted, err := e.ledger.Adopt(searching, f.run.ID)
	if err != nil || !adopted {
		return nil // the next call sees what came of it
	}
	f.run = run
	if err := e.settleOpen(searching, f); !errors.Is(err, ledger.ErrUnavailable) {
		return err
	}
	return nil // it is remembered, and written later
}

// settleOpen looks for the task of a start that was left open, as long as searching
// lasts. Nil: it is settled. A start did not happen only if that is proven.
func (e *Engine) settleOpen(searching context.Context, f *finder) error {
	own := context.WithoutCancel(searching)
	found, err := f.find(searching)
	if err == nil {
		if match, ok := onlyCertain(found); ok {
			err := e.settleMatch(own, f.run, match.task)
			if !errors.Is(err, ledger.ErrTaskTaken) {
				return err
			}
		}
		if len(found) == 0 && f.run.Absence.Proven() {
			return e.ledger.Settle(own, f.run.ID, ledger.Settlement{State: ledger.Lost})
		}
	}
	if err := e.ledger.Settle(own, f.run.ID, ledger.Settlement{State: ledger.Unknown}); err != nil {
		return err
	}
	unknown := &browseract.StartUnknownError{SentAt: f.run.BegunAt, Err: errors.New("an earlier start got no clear answer")}
	return f.ambiguous(unknown, found)
}

// Reconcile looks for the task of a run that was left open, unless another call works on
// it. r is what it was started with; nil: that is not known. It reports whether looking
// once more at once is of no use.
func (e *Engine) Reconcile(ctx context.Context, run ledger.Run, r *Request) (ambiguous bool) {
	searching, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	f := &finder{e: e, run: run}
	if r != nil {
		f = e.finderFor(run, *r)
	}
	_, ambiguous = errors.AsType[*AmbiguousStartError](e.settleStart(searching, f))
	return ambiguous
}

// sinceStart is how long ago a start was made, by the clock that makes it the shorter
// time.
func (e *Engine) sinceStart(run ledger.Run) time.Duration {
	return max(0, min(time.Since(run.BegunAt), e.Client.Now().Sub(run.SentAt)))
}
