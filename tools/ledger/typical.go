package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"
)

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
