package ledger

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

const (
	// minSearches is how many searches prove an absence, see MinAbsence.
	minSearches = 3
	// maxCandidates bounds how many candidate tasks an Absence keeps.
	maxCandidates = 20
)

// An Absence is what the searches for the task of an unsettled start have shown so
// far. The zero Absence means that there was no search.
type Absence struct {
	// Searches counts the complete searches in a row that found no candidate. For is
	// the time from the first to the last of them, in nanoseconds.
	Searches int           `json:"looks,omitempty"`
	For      time.Duration `json:"for,omitempty"`
	// Candidates are the ids of tasks that a search found: each may be the start's.
	Candidates []string `json:"candidates,omitempty"`

	At    time.Time `json:"at,omitzero"`     // time of the last search, by this machine's clock
	APIAt time.Time `json:"api_at,omitzero"` // the same, by the API's clock
}

// Proven reports whether the searches prove that the start did not happen: at least
// 3 of them over at least 2 minutes, because a list may show a new task minutes late.
func (a Absence) Proven() bool { return a.Searches >= minSearches && a.For >= MinAbsence }

// Remaining returns how long it takes until another search may be proof; 0 if the
// next one may.
func (a Absence) Remaining() time.Duration { return max(0, MinAbsence-a.For) }

// A Search is one search of an account's tasks for that of an unsettled start. A
// Search without candidates must be complete.
type Search struct {
	APIAt      time.Time // by the API's clock
	Candidates []string  // ids of tasks that may be the start's
}

// RecordSearch records a search for the task of an unsettled start, and returns the
// run with what all searches have shown. The time between two searches is the shortest
// one by this machine's clock, by the API's, and by the monotonic clock of this process
// where it made the search before: each of the first two may be set.
func (l *Ledger) RecordSearch(ctx context.Context, runID int64, s Search) (run Run, err error) {
	_, err = l.failover.update(ctx, func(t tx) (err error) {
		if run, err = runByID(t, runID); err != nil || !run.unsettled() {
			return err
		}
		now := l.now()
		run.Absence = run.Absence.after(s, now, l.searches.since(runID, now))
		return t.save(run)
	})
	return run.at(l.now()), explain("record search", err)
}

// after adds a further search. ownElapsed is how long ago this process last searched.
func (a Absence) after(s Search, now time.Time, ownElapsed time.Duration) Absence {
	elapsed := max(0, min(now.Sub(a.At), s.APIAt.Sub(a.APIAt), ownElapsed))
	switch {
	case len(s.Candidates) > 0:
		a.Searches, a.For = 0, 0
		a.Candidates = merge(a.Candidates, s.Candidates)
	case a.Searches == 0:
		a.Searches, a.For = 1, 0
	default:
		a.Searches, a.For = a.Searches+1, a.For+elapsed
	}
	a.At, a.APIAt = stamp(now), stamp(s.APIAt)
	return a
}

// maxSearched is how many runs' searches are remembered; others go by the other clocks.
const maxSearched = 1000

// searches are when this process last searched, by run and by the monotonic clock.
type searches struct {
	mu   sync.Mutex
	last map[int64]time.Time
}

// since returns how long ago a run was searched for, the maximum for never, and notes now.
func (s *searches) since(runID int64, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.last[runID]
	if s.last == nil || len(s.last) >= maxSearched {
		s.last = map[int64]time.Time{}
	}
	s.last[runID] = now
	if !known {
		return math.MaxInt64
	}
	return now.Sub(last)
}

// merge returns the ids of both lists, each once, at most the latest maxCandidates.
func merge(known, found []string) []string {
	all := slices.Clone(known)
	for _, id := range found {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all[max(0, len(all)-maxCandidates):]
}
