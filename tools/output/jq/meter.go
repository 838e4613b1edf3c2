package jq

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"time"
)

const (
	// maxRunTime is how long a program may run, maxTotalTime with its last step.
	maxRunTime   = maxTotalTime * 3 / 4
	maxTotalTime = 2 * time.Second
	// baseMemory and memoryPerByte bound what a program may hold besides the input.
	baseMemory    = 128 << 20
	memoryPerByte = 12 // for each byte of the input
	// stepsPerCheck is how many steps, some 10 µs, pass between two checks of the clock
	// and the memory, which cost half a microsecond.
	stepsPerCheck = 256
	// maxWeight is what all steps of a program may weigh together, and maxStepWeight
	// what one may: sorting that much takes about half a second.
	maxWeight     = 10 * maxStepWeight
	maxStepWeight = 1 << 20
)

var (
	errTime   = fmt.Errorf("the program ran for longer than %v and was stopped: it loops without end, or does too much. Use limit, or select fewer rows first", maxRunTime)
	errMemory = errors.New("the program used too much memory and was stopped: it builds values without end, or too large ones. Use limit, or select fewer rows first")
	errSize   = errors.New("the program makes a value, or compares values, too large for one step, and was stopped. Take the values apart, or select fewer rows first")
)

// meter is the context of a running program, which cannot catch that it is ended.
type meter struct {
	parent   func() error  // the error of the caller's context
	ended    chan struct{} // closed
	deadline time.Time
	steps    int
	weight   int // that is left
	samples  []metrics.Sample
	suspect  uint64 // heap in bytes from which on it is collected before it is judged
	maxHeap  uint64 // bytes
	patterns map[string]*pattern
	stopped  error
}

func (m *meter) start(ctx context.Context, size int) {
	ended := make(chan struct{})
	close(ended)
	*m = meter{
		parent: ctx.Err, ended: ended,
		deadline: time.Now().Add(maxRunTime),
		weight:   maxWeight,
		samples:  []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}},
		patterns: map[string]*pattern{},
	}
	m.maxHeap = m.heap() + uint64(baseMemory+memoryPerByte*size)
	m.suspect = m.maxHeap
}

// Done is what gojq asks before each step.
func (m *meter) Done() <-chan struct{} {
	if m.steps++; m.steps%stepsPerCheck == 0 {
		m.check()
	}
	if m.stopped != nil {
		return m.ended
	}
	return nil
}

// Err returns why the program is stopped, nil while it runs.
func (m *meter) Err() error { return m.stopped }

// Deadline returns when the program is stopped.
func (m *meter) Deadline() (time.Time, bool) { return m.deadline, true }

// Value returns nil: there are no values.
func (m *meter) Value(any) any { return nil }

// stop ends the program at its next step. The first reason stays.
func (m *meter) stop(why error) error {
	if m.stopped == nil {
		m.stopped = why
	}
	return m.stopped
}

func (m *meter) check() {
	switch err := m.parent(); {
	case err != nil:
		_ = m.stop(err)
	case time.Now().After(m.deadline):
		_ = m.stop(errTime)
	case m.heap() > m.suspect && m.overfull():
		_ = m.stop(errMemory)
	}
}

// overfull reports whether the heap is too large without its garbage.
func (m *meter) overfull() bool {
	runtime.GC()
	held := m.heap()
	m.suspect = max(m.maxHeap, held+baseMemory/2)
	return held > m.maxHeap
}

// heap is that of the whole process: Go does not count by goroutine.
func (m *meter) heap() uint64 {
	metrics.Read(m.samples)
	return m.samples[0].Value.Uint64()
}

// load subtracts the weight of a step.
func (m *meter) load(weight int) error {
	m.weight -= weight
	return m.allow(weight <= maxStepWeight && m.weight >= 0)
}

// allow ends the program unless a step is small enough.
func (m *meter) allow(small bool) error {
	if !small {
		return m.stop(errSize)
	}
	return nil
}
