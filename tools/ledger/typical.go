package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"
)

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
	var runs []Run
	err := l.viewMain(ctx, "typical", func(t tx) (err error) {
		runs, err = t.runs(query{
			caller: caller, kind: kind, target: targetID, state: Started, status: "finished", limit: latest,
		})
		return err
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
