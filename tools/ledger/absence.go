package ledger

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// minAbsentLooks and minAbsence prove that a start did not happen: so many
	// complete looks at the account's tasks, the last so long after the first, and
	// none showed a task that may be its own. A list may show a task minutes late.
	minAbsentLooks = 3
	minAbsence     = 2 * time.Minute
	// maxCandidates bounds what is remembered of tasks that may be a start's.
	maxCandidates = 20
)

// An Absence is what looks for the task of an unsettled start have shown so far.
// The zero Absence says that none was made.
type Absence struct {
	// Looks is how many complete looks in a row showed no candidate, and For is how
	// long after the first of them the last was made.
	Looks int           `json:"looks,omitempty"`
	For   time.Duration `json:"for,omitempty"` // in nanoseconds
	// Candidates are the ids of tasks that once were one: each may be the start's.
	Candidates []string `json:"candidates,omitempty"`

	At    time.Time `json:"at,omitzero"`     // when the last look was made, by this machine's clock
	APIAt time.Time `json:"api_at,omitzero"` // and by the API's
}

// Proven says whether the looks prove that the start did not happen.
func (a Absence) Proven() bool { return a.Looks >= minAbsentLooks && a.For >= minAbsence }

// Left returns how long it takes until further looks may be proof: 0 if the next
// one may.
func (a Absence) Left() time.Duration { return max(0, minAbsence-a.For) }

// A Look is a look at an account's tasks for that of an unsettled start. Without
// candidates it has to be complete.
type Look struct {
	APIAt      time.Time // when it was made, by the API's clock
	Candidates []string  // ids of tasks that may be the start's
}

// Looked records a look for the task of an unsettled start, and returns the run with
// what all looks have shown. Time between them is what passed in this process; over
// a restart it is what both clocks allow.
func (l *Ledger) Looked(ctx context.Context, runID int64, look Look) (run Run, err error) {
	err = l.update(ctx, "looked", func(t tx) (err error) {
		if run, err = runByID(t, runID); err != nil || !run.unsettled() {
			return err
		}
		now := l.now()
		run.Absence = run.Absence.after(look, l.looks.since(run, now), now)
		l.looks.note(run, now)
		return t.save(run)
	})
	return run.at(l.now()), err
}

// after returns what a and a further look have shown. passed is the time between
// them where this process made both, and else negative.
func (a Absence) after(look Look, passed time.Duration, now time.Time) Absence {
	if passed < 0 {
		passed = max(0, min(now.Sub(a.At), look.APIAt.Sub(a.APIAt)))
	}
	switch {
	case len(look.Candidates) > 0:
		a.Looks, a.For = 0, 0
		a.Candidates = merged(a.Candidates, look.Candidates)
	case a.Looks == 0:
		a.Looks, a.For = 1, 0
	default:
		a.Looks, a.For = a.Looks+1, a.For+passed
	}
	a.At, a.APIAt = stamp(now), stamp(look.APIAt)
	return a
}

// merged returns the ids of both, each once, the latest ones if they are many.
func merged(known, seen []string) []string {
	all := slices.Clone(known)
	for _, id := range seen {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all[max(0, len(all)-maxCandidates):]
}

// looks remembers when this process last looked for starts: the times keep their
// monotonic clock, which no one can set.
type looks struct {
	mu   sync.Mutex
	last map[lookedFor]ownLook
}

// An ownLook is a look of this process: when it was made, and how that was written
// down.
type ownLook struct{ at, written time.Time }

// A lookedFor names a run also where its file was exchanged.
type lookedFor struct {
	id    int64
	begun time.Time
}

// since returns how long ago the last look for run was made, if this process made it,
// and else less than 0.
func (l *looks) since(run Run, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, looked := l.last[lookedFor{run.ID, run.BegunAt}]
	if !looked || !last.written.Equal(run.Absence.At) {
		return -1
	}
	return max(0, now.Sub(last.at))
}

// maxLooks is from how many runs on the looks are forgotten: what is then counted
// too short is made up for by the next ones.
const maxLooks = 1000

func (l *looks) note(run Run, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil || len(l.last) >= maxLooks {
		l.last = map[lookedFor]ownLook{}
	}
	l.last[lookedFor{run.ID, run.BegunAt}] = ownLook{now, run.Absence.At}
}
