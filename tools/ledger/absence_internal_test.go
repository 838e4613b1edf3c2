package ledger

import (
	"testing"
	"time"
)

// Both wall clocks jump ahead by an hour between two searches that one process makes
// within a second: the machine's clock was set, and the API sends no Date header.
func TestSearchesGoByTheMonotonicClockWhereBothOthersJump(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var a Absence
	for range 3 {
		a = a.after(Search{APIAt: now}, now, time.Second)
		now = now.Add(time.Hour)
	}
	if a.Proven() || a.For != 2*time.Second {
		t.Errorf("got %+v", a)
	}
}

func TestSearchesOfARunAreTimedApart(t *testing.T) {
	t.Parallel()
	var s searches
	now := time.Now()
	if first := s.since(1, now); first < MaxRun {
		t.Errorf("a first search bounds the time to %v", first)
	}
	s.since(2, now.Add(time.Second))
	if got := s.since(1, now.Add(3*time.Second)); got != 3*time.Second {
		t.Errorf("got %v, want 3s", got)
	}
	for id := range int64(2 * maxSearched) {
		s.since(id, now)
	}
	if len(s.last) > maxSearched {
		t.Errorf("%d runs are remembered", len(s.last))
	}
}
