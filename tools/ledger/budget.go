package ledger

import (
	"context"
	"slices"
	"time"
)

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
// failed ones count.
type Spending struct {
	Runs     int
	Active   int   // in flight now, whenever they were begun
	Credits  int64 // of runs that have ended; where the API told none, what was reserved
	Reserved int64 // by runs in flight, whenever they were begun
}

// Spent says what the caller's runs that were begun since then have come to.
func (l *Ledger) Spent(ctx context.Context, caller string, since time.Time) (Spending, error) {
	var spent Spending
	err := l.viewMain(ctx, "spent", func(t tx) (err error) {
		spent, err = t.spent(caller, stamp(since), stamp(l.now()))
		return err
	})
	return spent, err
}

// exceeded returns the first limit that run would exceed, or nil.
func (m Limits) exceeded(t tx, run Run) (*Exceeded, error) {
	if m.RunsPerDay <= 0 && m.ActiveRuns <= 0 && m.CreditsPerDay <= 0 {
		return nil, nil
	}
	now := run.BegunAt
	spent, err := t.spent(run.Caller, dayUpTo(now), now)
	if err != nil {
		return nil, err
	}
	for _, e := range []Exceeded{
		{Limit: RunsPerDay, Max: int64(m.RunsPerDay), Used: int64(spent.Runs), Requested: 1},
		{Limit: ActiveRuns, Max: int64(m.ActiveRuns), Used: int64(spent.Active), Requested: 1},
		{Limit: CreditsPerDay, Max: m.CreditsPerDay, Used: spent.Credits + spent.Reserved, Requested: run.Reserve},
	} {
		if e.Max > 0 && e.Used+e.Requested > e.Max {
			e.AvailableAt, err = e.availableAt(t, run.Caller, now)
			return &e, err
		}
	}
	return nil, nil
}

// enforced reports whether m may refuse a start.
func (m Limits) enforced() bool {
	return !m.WarnOnly && (m.RunsPerDay > 0 || m.ActiveRuns > 0 || m.CreditsPerDay > 0)
}

// dayUpTo returns the first moment of the day that ends now.
func dayUpTo(now time.Time) time.Time { return now.Add(-Day + time.Millisecond) }

// availableAt adds up what leaves the day as time passes, oldest first, until the start
// would fit.
func (e Exceeded) availableAt(t tx, caller string, now time.Time) (time.Time, error) {
	if e.Limit == ActiveRuns {
		return time.Time{}, nil
	}
	runs, err := t.runs(query{caller: caller, live: true, begunFrom: dayUpTo(now)})
	if err != nil {
		return time.Time{}, err
	}
	for _, run := range slices.Backward(runs) {
		e.Used -= e.leaving(run, now)
		if e.Used+e.Requested <= e.Max {
			return run.BegunAt.Add(Day), nil
		}
	}
	return time.Time{}, nil
}

// leaving is by how much Used falls when run is a day old.
func (e Exceeded) leaving(run Run, now time.Time) int64 {
	switch {
	case e.Limit == RunsPerDay:
		return 1
	case run.inFlight(now) && run.State == Started:
		return 0
	default:
		return run.cost()
	}
}
