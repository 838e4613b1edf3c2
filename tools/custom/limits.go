package custom

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// Limits are what counts for runs of custom tools, whichever tool starts them. The zero
// Limits limit nothing and mask nothing.
type Limits struct {
	current atomic.Pointer[limits]
}

type limits struct {
	credits  map[Target]int64
	duration map[Target]time.Duration
	fixed    []browseract.Input // the longest value first
}

// Set replaces what counts. A read-only server starts no runs: of its tools only the
// fixed inputs count, which are kept from the model.
func (l *Limits) Set(tools []*Tool, readOnly bool) {
	next := &limits{credits: map[Target]int64{}, duration: map[Target]time.Duration{}, fixed: fixedInputs(tools)}
	if !readOnly {
		next.add(tools)
	}
	l.current.Store(next)
}

func (l *limits) add(tools []*Tool) {
	for _, tool := range tools {
		l.credits[tool.Target] = max(l.credits[tool.Target], tool.MaxCredits)
		l.duration[tool.Target] = max(l.duration[tool.Target], tool.TypicalDuration)
	}
	// Where one of several tools has no cap, it is not known which one started a task.
	for _, tool := range tools {
		if tool.MaxCredits == 0 {
			delete(l.credits, tool.Target)
		}
	}
}

// fixedInputs are sorted, so that a value that begins like another one does not leave
// the rest of it.
func fixedInputs(tools []*Tool) []browseract.Input {
	var fixed []browseract.Input
	for _, tool := range tools {
		for _, in := range tool.Inputs {
			if in.Fixed != nil {
				fixed = append(fixed, browseract.Input{Name: in.Name, Value: *in.Fixed})
			}
		}
	}
	slices.SortStableFunc(fixed, func(a, b browseract.Input) int { return len(b.Value) - len(a.Value) })
	return fixed
}

// minMasked is from how many bytes on a value is masked wherever it stands; a shorter one
// is beside its name.
const minMasked = 6

// Mask takes fixed values out of a text about inputs: name=value;name=value.
func (l *Limits) Mask(text string) string {
	for _, in := range l.load().fixed {
		text = strings.ReplaceAll(text, in.Name+"="+in.Value, in.Name+"=(fixed)")
		if len(in.Value) >= minMasked {
			text = strings.ReplaceAll(text, in.Value, "(fixed)")
		}
	}
	return text
}

// Duration is what the overlay says that a run of the target takes; 0: nothing.
func (l *Limits) Duration(target Target) time.Duration {
	return l.load().duration[target]
}

// MaxCredits is what a run of the target may cost; 0: any. target is not called where
// nothing has a cap.
func (l *Limits) MaxCredits(target func() Target) int64 {
	if credits := l.load().credits; len(credits) > 0 {
		return credits[target()]
	}
	return 0
}

func (l *Limits) load() *limits { return cmp.Or(l.current.Load(), &limits{}) }
