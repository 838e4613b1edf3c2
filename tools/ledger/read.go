package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// Run returns the caller's run that became the task, and whether there is one.
func (l *Ledger) Run(ctx context.Context, caller, taskID string) (Run, bool, error) {
	if taskID == "" {
		return Run{}, false, nil
	}
	runs, err := l.failover.find(ctx, query{caller: caller, task: taskID})
	return first(runs).at(l.now()), len(runs) > 0, explain("run", err)
}

// Unsettled returns the caller's starts whose outcome is not known, newest first. Those
// that are not Leased were left open by a crash or by an unclear answer, see [Pending].
func (l *Ledger) Unsettled(ctx context.Context, caller string) ([]Run, error) {
	return l.list(ctx, query{caller: caller, unsettled: true})
}

// InFlight returns the caller's tasks that are not known to have ended, newest first.
// Those that ended unseen are among them: to free what they hold of a budget, read
// them and Observe.
func (l *Ledger) InFlight(ctx context.Context, caller string) ([]Run, error) {
	return l.list(ctx, query{caller: caller, state: Started, open: true})
}

func (l *Ledger) list(ctx context.Context, q query) (runs []Run, err error) {
	_, err = l.failover.view(ctx, func(t tx) (err error) {
		runs, err = t.runs(q)
		return err
	})
	return at(runs, l.now()), explain("list", err)
}

// A Filter chooses runs. Zero members choose all.
type Filter struct {
	Status   string // as last seen
	Kind     Kind
	TargetID string
	// From and To bound SentAt, both inclusive.
	From, To time.Time
}

// A Page is a part of a list of runs.
type Page struct {
	Runs  []Run
	Total int // on all pages
	// Degraded says why the file could not be used, so that runs may be missing, for
	// the caller to show. It is [ErrUnavailable]; nil for a list from the file.
	Degraded error
}

// List returns a page, from 1, of the caller's runs that became a task or may have,
// newest first.
func (l *Ledger) List(ctx context.Context, caller string, f Filter, page, limit int) (p Page, err error) {
	q := query{
		caller: caller, live: true, status: f.Status, kind: f.Kind, target: f.TargetID,
		sentFrom: stamp(f.From), sentTo: stamp(f.To),
		limit: max(limit, 1),
	}
	q.offset = (max(page, 1) - 1) * q.limit
	if errors.Is(l.failover.ready(ctx), ErrUnavailable) {
		l.failover.prefetch(ctx, func(t tx) error {
			_, err := t.runs(query{caller: caller, live: true})
			return err
		})
	}
	p.Degraded, err = l.failover.view(ctx, func(t tx) error {
		if p.Total, err = t.count(q); err != nil {
			return err
		}
		p.Runs, err = t.runs(q)
		return err
	})
	p.Runs, p.Degraded = at(p.Runs, l.now()), explain("list", p.Degraded)
	return p, explain("list", err)
}

func at(runs []Run, now time.Time) []Run {
	for n := range runs {
		runs[n] = runs[n].at(now)
	}
	return runs
}

// Remembers reports whether the ledger that answered with c knows the caller's runs
// that were begun before this process and may be running: it has some that are no
// older than a run can be. If it has none, they may be in another ledger.
func (*Ledger) Remembers(c Claim) bool {
	return c.Degraded == nil && c.remembers
}

// maxSamples is how many runs say what is typical.
const maxSamples = 20

// A Sample is one finished run. A zero Duration and nil Credits are not known.
type Sample struct {
	Duration time.Duration
	Credits  *int64
}

// Typical is what finished runs took.
type Typical struct {
	Duration Spread[time.Duration]
	Credits  Spread[int64]
}

// A Spread is the lower quartile, the median and the upper quartile of a figure, each
// one that occurred.
type Spread[T cmp.Ordered] struct {
	Runs              int // that it was taken from; 0: the others mean nothing
	Low, Median, High T
}

// Typical returns what the latest finished runs of a workflow or template took that
// this caller started here, at most 20. It needs the file: the error may be
// ErrUnavailable.
func (l *Ledger) Typical(ctx context.Context, caller string, kind Kind, targetID string) (Typical, error) {
	var samples []Sample
	err := l.viewMain(ctx, "typical", func(t tx) error {
		runs, err := t.runs(query{
			caller: caller, kind: kind, target: targetID, state: Started, status: "finished", limit: maxSamples,
		})
		for _, run := range runs {
			samples = append(samples, Sample{Duration: run.EndedAt.Sub(run.SentAt), Credits: run.Credits})
		}
		return err
	})
	return TypicalOf(samples), err
}

// TypicalOf returns what is typical of samples.
func TypicalOf(samples []Sample) Typical {
	var durations []time.Duration
	var credits []int64
	for _, sample := range samples {
		if sample.Duration > 0 {
			durations = append(durations, sample.Duration)
		}
		if sample.Credits != nil {
			credits = append(credits, *sample.Credits)
		}
	}
	return Typical{Duration: spread(durations), Credits: spread(credits)}
}

func spread[T cmp.Ordered](figures []T) Spread[T] {
	n := len(figures)
	if n == 0 {
		return Spread[T]{}
	}
	slices.Sort(figures)
	return Spread[T]{Runs: n, Low: figures[(n-1)/4], Median: figures[(n-1)/2], High: figures[n-1-(n-1)/4]}
}
