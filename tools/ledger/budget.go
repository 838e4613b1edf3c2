package ledger

import (
	"context"
	"slices"
	"time"
)

// Limits are budgets of one caller. A zero member does not limit.
type Limits struct {
	RunsPerDay    int
	ActiveRuns    int
	CreditsPerDay int64
	// WarnOnly lets a start pass that exceeds a limit; its Claim says so.
	WarnOnly bool
}

// A Limit names one of the [Limits].
type Limit string

// The limits.
const (
	RunsPerDay    Limit = "runs_per_day"
	ActiveRuns    Limit = "active_runs"
	CreditsPerDay Limit = "credits_per_day"
)

// Exceeded says which limit a start would exceed.
type Exceeded struct {
	Limit     Limit
	Max       int64
	Used      int64 // of Max, without this start; reserved credits included
	Requested int64 // by this start; never fits if above Max
	// AvailableAt is when enough of Used is a day old. The zero time: not before a run
	// in flight ends.
	AvailableAt time.Time
}

// Spending is what a caller's runs came to. Refused and lost starts are left out,
// failed runs count.
type Spending struct {
	Runs     int
	Active   int   // in flight now, whenever they were begun
	Credits  int64 // of runs that have ended; what was reserved where the API reported none
	Reserved int64 // by runs in flight, whenever they were begun
}

// Spent returns what the caller's runs that were begun since then have come to. It
// needs the file: the error may be ErrUnavailable.
func (l *Ledger) Spent(ctx context.Context, caller string, since time.Time) (spent Spending, err error) {
	err = l.viewMain(ctx, "spent", func(t tx) (err error) {
		spent, err = t.spent(caller, stamp(since), stamp(l.now()))
		return err
	})
	return spent, err
}

// add counts run in what was spent since then.
func (s *Spending) add(run *Run, since, now time.Time) {
	recent := run.live() && !run.BegunAt.Before(since)
	if recent {
		s.Runs++
	}
	switch {
	case run.inFlight(now):
		s.Active++
		s.Reserved += run.cost()
	case recent && run.Ended():
		s.Credits += run.cost()
	}
}

// dayBefore returns the first moment of the day that ends now.
func dayBefore(now time.Time) time.Time { return now.Add(-Day + time.Millisecond) }

// limiting reports whether m has any limit.
func (m Limits) limiting() bool { return m.RunsPerDay > 0 || m.ActiveRuns > 0 || m.CreditsPerDay > 0 }

// enforced reports whether m may refuse a start.
func (m Limits) enforced() bool { return m.limiting() && !m.WarnOnly }

// exceeded returns the first limit that run would exceed, or nil.
func (m Limits) exceeded(t tx, run Run) (*Exceeded, error) {
	if !m.limiting() {
		return nil, nil
	}
	spent, err := t.spent(run.Caller, dayBefore(run.BegunAt), run.BegunAt)
	if err != nil {
		return nil, err
	}
	for _, e := range []Exceeded{
		{Limit: RunsPerDay, Max: int64(m.RunsPerDay), Used: int64(spent.Runs), Requested: 1},
		{Limit: ActiveRuns, Max: int64(m.ActiveRuns), Used: int64(spent.Active), Requested: 1},
		{Limit: CreditsPerDay, Max: m.CreditsPerDay, Used: spent.Credits + spent.Reserved, Requested: run.Reserve},
	} {
		if e.Max > 0 && e.Used+e.Requested > e.Max {
			e.AvailableAt, err = e.availableAt(t, run.Caller, run.BegunAt)
			return &e, err
		}
	}
	return nil, nil
}

// availableAt adds up what leaves the day, oldest first, until the start would fit.
func (e Exceeded) availableAt(t tx, caller string, now time.Time) (time.Time, error) {
	if e.Limit == ActiveRuns {
		return time.Time{}, nil
	}
	runs, err := t.runs(query{caller: caller, live: true, begunFrom: dayBefore(now)})
	for _, run := range slices.Backward(runs) {
		if e.Used -= e.freedBy(run, now); e.Used+e.Requested <= e.Max {
			return run.BegunAt.Add(Day), nil
		}
	}
	return time.Time{}, err
}

// freedBy is by how much Used falls when run is a day old.
func (e Exceeded) freedBy(run Run, now time.Time) int64 {
	switch {
	case e.Limit == RunsPerDay:
		return 1
	case run.inFlight(now) && run.State == Started:
		return 0
	default:
		return run.cost()
	}
}
