package jq

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"time"
)

const (
	// maxTime leaves of the 2 s that are promised what the last step may take.
	maxTime = 1500 * time.Millisecond
	// roomBase and roomPerByte bound the memory of a program: what it may hold besides
	// the input, and for each byte of it.
	roomBase    = 128 << 20
	roomPerByte = 12
	// stepsPerLook is how many steps go by, some 10 µs, between two looks at the
	// clock and the memory, which cost half a microsecond.
	stepsPerLook = 256
	// maxWeight is what all steps of a program may weigh together, and maxLoad what
	// one may: sorting that much takes about half a second.
	maxWeight = 10 * maxLoad
	maxLoad   = 1 << 20
)

var (
	errTime   = errors.New("the program ran for longer than 1.5 s and was stopped: it loops without end, or does too much. Use limit, or select fewer rows first")
	errMemory = errors.New("the program used too much memory and was stopped: it builds values without end, or too large ones. Use limit, or select fewer rows first")
	errSize   = errors.New("the program makes a value, or compares values, too large for one step, and was stopped. Take the values apart, or select fewer rows first")
)

// meter is the context of a running program. It measures and ends it, for good: the
// program cannot catch that.
type meter struct {
	ctxDone  <-chan struct{}
	ctxErr   func() error
	ended    chan struct{} // closed
	deadline time.Time
	steps    int
	weight   int // that is left
	memory   []metrics.Sample
	ceiling  uint64 // of the heap until it is worth a closer look
	highest  uint64 // that the heap may be
	patterns map[string]*pattern
	stopped  error
}

func (m *meter) start(ctx context.Context, size int) {
	ended := make(chan struct{})
	close(ended)
	room := uint64(roomBase + roomPerByte*size)
	*m = meter{
		ctxDone: ctx.Done(), ctxErr: ctx.Err, ended: ended,
		deadline: time.Now().Add(maxTime),
		weight:   maxWeight,
		memory:   []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}},
		patterns: map[string]*pattern{},
	}
	m.highest = m.heap() + room
	m.ceiling = m.highest
}

// Done is what gojq asks before each step.
func (m *meter) Done() <-chan struct{} {
	if m.steps++; m.steps%stepsPerLook == 0 {
		m.look()
	}
	if m.stopped != nil {
		return m.ended
	}
	return nil
}

// Err returns why the program is stopped.
func (m *meter) Err() error { return m.stopped }

// Deadline and Value make it a context.
func (m *meter) Deadline() (time.Time, bool) { return m.deadline, true }

// Value has none.
func (m *meter) Value(any) any { return nil }

// stop ends the program at its next step.
func (m *meter) stop(why error) error {
	if m.stopped == nil {
		m.stopped = why
	}
	return m.stopped
}

func (m *meter) look() {
	select {
	case <-m.ctxDone:
		_ = m.stop(m.ctxErr())
		return
	default:
	}
	switch {
	case time.Now().After(m.deadline):
		_ = m.stop(errTime)
	case m.heap() > m.ceiling && m.overfull():
		_ = m.stop(errMemory)
	}
}

// overfull tells what the heap holds from what is waiting to be collected.
func (m *meter) overfull() bool {
	runtime.GC()
	held := m.heap()
	m.ceiling = max(m.highest, held+roomBase/2)
	return held > m.highest
}

// heap is that of the whole process: nobody counts for one goroutine.
func (m *meter) heap() uint64 {
	metrics.Read(m.memory)
	return m.memory[0].Value.Uint64()
}

// load takes up what a step weighs.
func (m *meter) load(weight int) error {
	if m.weight -= weight; weight > maxLoad || m.weight < 0 {
		return m.stop(errSize)
	}
	return nil
}
