package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
)

// slack is how far beyond its limit a figure may be before the run fails: two
// runs on a busy machine differ by that much.
const slack = 1.1

// A row is one figure, what it may be, and what it was made of.
type row struct {
	name        string
	ours, other string // what is compared; empty for a figure that stands alone
	got, limit  float64
	unit        string
	isMin       bool // the limit is a minimum, not a maximum
}

// excess is how often the figure is the worse of itself and its limit.
func (r row) excess() float64 {
	switch {
	case r.isMin:
		return r.limit / r.got
	case r.limit == 0:
		return 1 + r.got // nothing is allowed, and each is one too many
	}
	return r.got / r.limit
}

func (r row) state() string {
	switch excess := r.excess(); {
	case excess <= 1:
		return "holds"
	case excess <= slack:
		return "just missed"
	}
	return "MISSED"
}

func (r row) String() string {
	sign := "≤"
	if r.isMin {
		sign = "≥"
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s %s\t%s", r.name, r.ours, r.other,
		amount(r.got, r.unit), sign, amount(r.limit, r.unit), r.state())
}

// amount writes three digits, or all before the point.
func amount(x float64, unit string) string {
	if x >= 1000 {
		return strings.TrimSpace(fmt.Sprintf("%.0f %s", x, unit))
	}
	return strings.TrimSpace(fmt.Sprintf("%.3g %s", x, unit))
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// A table is all figures.
type table []row

func (t table) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tours\tbeside\tgot\tlimit\t")
	for _, r := range t {
		fmt.Fprintln(w, r)
	}
	_ = w.Flush() // into memory
	return b.String()
}

// verdict is an error if a figure is clearly missed.
func (t table) verdict() error {
	var missed []string
	for _, r := range t {
		if r.excess() > slack {
			missed = append(missed, r.name)
		}
	}
	if len(missed) > 0 {
		return errors.New("clearly missed: " + strings.Join(missed, "; "))
	}
	return nil
}
