package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTaskTaken says that a task cannot be matched to a start, because it is that of
// another one.
var ErrTaskTaken = errors.New("the task belongs to another start")

// ErrNoRun says that a ledger has no run of an ID: its file was exchanged after it
// returned the ID.
var ErrNoRun = errors.New("no such run")

// A Settlement says what a start came to: Started, Refused, Unknown or Lost.
type Settlement struct {
	State  State
	TaskID string // of Started
	// Matched says that the task was found by a search and is not from the answer to
	// the start, so that it may be another caller's.
	Matched bool
}

// Settle records what the start of a run came to, and ends its lease. It may be
// repeated, and what is known better stays: a task from the answer before a matched
// one, a matched one before Lost and Refused, these before Unknown. If the answer has
// a task that is matched to another run, that run is Unknown again. A match with a
// task that is taken is ErrTaskTaken.
//
// An error that is [ErrUnavailable] is a warning: the settlement is in memory and is
// written to the file later. Call Settle also after the call was cancelled, with
// [context.WithoutCancel].
func (l *Ledger) Settle(ctx context.Context, runID int64, s Settlement) error {
	if (s.State == Started) != (s.TaskID != "") || s.State == Intended || s.State == "" {
		return fmt.Errorf("ledger: settle: invalid settlement: state %q with task %q", s.State, s.TaskID)
	}
	degraded, err := l.failover.update(ctx, func(t tx) error {
		run, err := runByID(t, runID)
		if err != nil {
			return err
		}
		return s.settle(t, run)
	})
	close(*l.settled.Swap(new(make(chan struct{}))))
	return explain("settle", cmp.Or(err, degraded))
}

func (s Settlement) settle(t tx, run Run) error {
	if !s.improves(run) {
		return nil
	}
	if err := s.release(t, run); err != nil {
		return err
	}
	run.State, run.TaskID, run.Matched, run.leaseUntil = s.State, s.TaskID, s.Matched, time.Time{}
	return saveWithRow(t, run)
}

// improves reports whether s says more of run than is known.
func (s Settlement) improves(run Run) bool {
	if s.State == Started {
		return run.State != Started || run.Matched && !s.Matched
	}
	return run.unsettled()
}

// release takes the task of s from another run that it was only matched to.
func (s Settlement) release(t tx, run Run) error {
	if s.State != Started {
		return nil
	}
	others, err := t.runs(query{caller: run.Caller, task: s.TaskID})
	if err != nil || len(others) == 0 || others[0].ID == run.ID {
		return err
	}
	other := others[0]
	if s.Matched || !other.Matched {
		return fmt.Errorf("%w (task %s)", ErrTaskTaken, s.TaskID)
	}
	other.State, other.TaskID, other.Matched = Unknown, "", false
	other.Status, other.Credits, other.EndedAt, other.ReportedAt, other.localEnd = "", nil, time.Time{}, time.Time{}, time.Time{}
	return saveWithRow(t, other)
}

func saveWithRow(t tx, run Run) error {
	if err := t.save(run); err != nil {
		return err
	}
	return updateRow(t, run)
}

// Adopt takes over a start that is unsettled and not leased, for 20 s: the caller then
// searches for its task and settles it. adopted is false if the run is settled or
// another caller is working on it.
func (l *Ledger) Adopt(ctx context.Context, runID int64) (run Run, adopted bool, err error) {
	_, err = l.failover.update(ctx, func(t tx) (err error) {
		now := stamp(l.now())
		run, err = runByID(t, runID)
		if adopted = err == nil && run.unsettled() && !run.at(now).Leased; adopted {
			run.leaseUntil = now.Add(startLease)
			err = t.save(run)
		}
		run = run.at(now)
		return err
	})
	return run, adopted && err == nil, explain("adopt", err)
}

// Await returns the run once it is not leased any more: it is settled, or its lease is
// over. It looks at once when this Ledger settles a run, and at least once a second for
// what other processes do. If ctx ends first, it returns the run as it was last seen,
// with the context's error.
func (l *Ledger) Await(ctx context.Context, runID int64) (run Run, err error) {
	for pause := minPoll; ; pause = min(2*pause, maxPoll) {
		settled := *l.settled.Load()
		_, err := l.failover.view(ctx, func(t tx) (err error) {
			run, err = runByID(t, runID)
			return err
		})
		if run = run.at(l.now()); err != nil || !run.Leased {
			return run, explain("await", err)
		}
		select {
		case <-ctx.Done():
			return run, explain("await", ctx.Err())
		case <-settled:
		case <-time.After(pause):
		}
	}
}

func runByID(t tx, id int64) (Run, error) {
	runs, err := t.runs(query{id: id})
	if err != nil {
		return Run{}, err
	}
	if id == 0 || len(runs) == 0 {
		return Run{}, fmt.Errorf("%w %d", ErrNoRun, id)
	}
	return runs[0], nil
}
