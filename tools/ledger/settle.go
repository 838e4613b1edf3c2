package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTaskTaken says that a task cannot be matched to a start: it is the task of
// another one already.
var ErrTaskTaken = errors.New("the task belongs to another start")

// ErrNoRun says that a ledger has no run of an ID: its file was exchanged after it
// gave the ID out.
var ErrNoRun = errors.New("there is no run")

// A Settlement says what a start came to: Started, Refused, Unknown or Lost.
type Settlement struct {
	State  State
	TaskID string // of Started
	// Matched says that the task was found by its looks and not told by the answer
	// to the start, and so may be somebody else's.
	Matched bool
}

// Settle records what the start of a run came to, and ends its lease. It may be
// repeated, and what is known better stays: a task that the answer told before one
// that was matched, a matched one before Lost and Refused, these before Unknown.
// If the answer told a task that is matched to another run, that run is Unknown
// again. A match with a task that is taken is ErrTaskTaken.
//
// Call it also where the call has been cancelled: with [context.WithoutCancel].
func (l *Ledger) Settle(ctx context.Context, runID int64, s Settlement) error {
	if (s.State == Started) != (s.TaskID != "") || s.State == Intended || s.State == "" {
		return fmt.Errorf("ledger: settle: not an outcome: %q with task %q", s.State, s.TaskID)
	}
	degraded, err := l.update(ctx, "settle", func(t tx) error {
		run, err := runByID(t, runID)
		if err != nil {
			return err
		}
		return s.settle(t, run)
	})
	l.change.send()
	return cmp.Or(err, degraded)
}

func (s Settlement) settle(t tx, run Run) error {
	if !s.improves(run) {
		return nil
	}
	if err := s.free(t, run); err != nil {
		return err
	}
	run.State, run.TaskID, run.Matched, run.leaseUntil = s.State, s.TaskID, s.Matched, time.Time{}
	return saveWithRow(t, run)
}

// improves says whether s says more of run than is known.
func (s Settlement) improves(run Run) bool {
	if s.State == Started {
		return run.State != Started || run.Matched && !s.Matched
	}
	return run.unsettled()
}

// free takes the task of s from another run that it was only matched to.
func (s Settlement) free(t tx, run Run) error {
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
	other.Status, other.Credits, other.EndedAt, other.ReportedAt, other.endedHere = "", nil, time.Time{}, time.Time{}, time.Time{}
	return saveWithRow(t, other)
}

func saveWithRow(t tx, run Run) error {
	if err := t.save(run); err != nil {
		return err
	}
	return followRow(t, run)
}

// Adopt takes over a start that is unsettled and that nobody is at, for 20 s: who
// adopted it looks for its task and settles it. It says whether it is the caller's
// now; if not, the run is settled or somebody else is at it.
func (l *Ledger) Adopt(ctx context.Context, runID int64) (run Run, adopted bool, err error) {
	_, err = l.update(ctx, "adopt", func(t tx) (err error) {
		now := stamp(l.now())
		run, err = runByID(t, runID)
		if adopted = err == nil && run.unsettled() && !run.at(now).Leased; adopted {
			run.leaseUntil = now.Add(leaseLife)
			err = t.save(run)
		}
		run = run.at(now)
		return err
	})
	return run, adopted && err == nil, err
}

// Await returns the run once nobody is at it any more: it is settled, or its lease
// is over. It looks at once when a run is settled by this Ledger, and now and then
// for what other processes do. If ctx ends first, the run is returned as it was
// last seen, with the context's error.
func (l *Ledger) Await(ctx context.Context, runID int64) (Run, error) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		changed := l.change.wait()
		run, err := l.byID(ctx, runID)
		if err != nil || !run.Leased {
			return run, err
		}
		select {
		case <-ctx.Done():
			return run, explain("await", ctx.Err())
		case <-changed:
		case <-time.After(pause):
		}
	}
}

func (l *Ledger) byID(ctx context.Context, id int64) (run Run, err error) {
	_, err = l.view(ctx, "run", func(t tx) (err error) {
		run, err = runByID(t, id)
		return err
	})
	return run.at(l.now()), err
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
