package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Run returns the caller's run that became the task, and whether there is one.
func (l *Ledger) Run(ctx context.Context, caller, taskID string) (Run, bool, error) {
	if taskID == "" {
		return Run{}, false, nil
	}
	runs, err := l.list(ctx, query{caller: caller, task: taskID})
	if err != nil || len(runs) == 0 {
		return Run{}, false, err
	}
	return runs[0], true, nil
}

// RunByID returns a run by its number in the ledger.
func (l *Ledger) RunByID(ctx context.Context, id int64) (run Run, err error) {
	err = l.view(ctx, "run", func(t tx) (err error) {
		run, err = runByID(t, id)
		run = run.at(l.now())
		return err
	})
	return run, err
}

// Unsettled returns the caller's starts of which nobody knows what they came to,
// newest first. Those that are not Leased were left open by a crash or by an
// unclear answer, see [Pending].
func (l *Ledger) Unsettled(ctx context.Context, caller string) ([]Run, error) {
	return l.list(ctx, query{caller: caller, unsettled: true})
}

// InFlight returns the caller's tasks that are not known to have ended, newest
// first. Those that ended unseen are among them: to free what they hold of a
// budget, look at them and Observe.
func (l *Ledger) InFlight(ctx context.Context, caller string) ([]Run, error) {
	return l.list(ctx, query{caller: caller, state: Started, open: true})
}

// A Filter chooses runs. Zero members choose all.
type Filter struct {
	Status   string // as last seen
	Kind     Kind
	TargetID string
	// From and To bound SentAt, both inclusive.
	From, To time.Time
}

// Mine returns a page, from 1, of the caller's runs that became a task or may
// have, newest first, and how many there are on all pages.
func (l *Ledger) Mine(ctx context.Context, caller string, f Filter, page, limit int) (runs []Run, total int, err error) {
	q := query{
		caller: caller, live: true, status: f.Status, kind: f.Kind, target: f.TargetID,
		sentFrom: stamp(f.From), sentTo: stamp(f.To),
		limit: max(limit, 1),
	}
	q.offset = (max(page, 1) - 1) * q.limit
	err = l.view(ctx, "mine", func(t tx) error {
		if total, err = t.count(q); err != nil {
			return err
		}
		runs, err = t.runs(q)
		return err
	})
	return at(runs, l.now()), total, err
}

func (l *Ledger) list(ctx context.Context, q query) (runs []Run, err error) {
	err = l.view(ctx, "list", func(t tx) (err error) {
		runs, err = t.runs(q)
		return err
	})
	return at(runs, l.now()), err
}

func at(runs []Run, now time.Time) []Run {
	for n := range runs {
		runs[n] = runs[n].at(now)
	}
	return runs
}

// latest is how many runs say what is typical.
const latest = 20

// A Sample is one finished run. A zero Duration and nil Credits are not known.
type Sample struct {
	Duration time.Duration
	Credits  *int64
}

// Typical says what finished runs took.
type Typical struct {
	Duration Spread[time.Duration]
	Credits  Spread[int64]
}

// A Spread is the lower quartile, the median and the upper quartile of a figure,
// each one that occurred.
type Spread[T cmp.Ordered] struct {
	Runs              int // that it was taken from; 0: the others say nothing
	Low, Median, High T
}

// Typical says what the latest finished runs of a workflow or template took that
// this caller started here, at most 20.
func (l *Ledger) Typical(ctx context.Context, caller string, kind Kind, targetID string) (Typical, error) {
	runs, err := l.list(ctx, query{
		caller: caller, kind: kind, target: targetID, state: Started, status: "finished", limit: latest,
	})
	samples := make([]Sample, 0, len(runs))
	for _, run := range runs {
		samples = append(samples, Sample{Duration: run.EndedAt.Sub(run.SentAt), Credits: run.Credits})
	}
	return TypicalOf(samples), err
}

// TypicalOf says what is typical of samples.
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
