package main

import (
	"fmt"
	"slices"
)

// A sample measures something once.
type sample func() (float64, error)

// A pair is the medians of two things that were measured in turns.
type pair struct{ ours, other float64 }

func (p pair) ratio() float64 { return p.ours / p.other }

// row makes a row of the pair: the ratio, and both sides in a unit.
func (p pair) row(name, unit string) row {
	return row{name: name, ours: amount(p.ours, unit), other: amount(p.other, unit), got: p.ratio()}
}

// versus measures both sides in turns, each first in every other round.
func versus(rounds int, ours, other sample) (pair, error) {
	sides := [2]sample{ours, other}
	var got [2][]float64
	for round := range rounds {
		for turn := range sides {
			side := (round + turn) % len(sides)
			x, err := sides[side]()
			if err != nil {
				return pair{}, fmt.Errorf("round %d: %w", round, err)
			}
			got[side] = append(got[side], x)
		}
	}
	return pair{median(got[0]), median(got[1])}, nil
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	middle := len(xs) / 2
	if len(xs)%2 == 1 {
		return xs[middle]
	}
	return (xs[middle-1] + xs[middle]) / 2
}
