package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

const (
	half  = 10_000 // of the calls
	crowd = 8      // callers; as many goroutines come and go
)

// endurance measures what many calls, and many sessions that are never ended, leave
// behind: in a process of its own, and within this one, where the heap can be
// measured to the byte and goroutines can be counted. Each row is the worst of both
// over both transports.
func endurance(ctx context.Context, p programs) ([]row, error) {
	api := drive.NewAPI(0)
	defer api.Close()
	var rows []row
	for _, t := range transports() {
		for _, e := range []exertion{
			{"calls, " + t.name, func(ctx context.Context, s *subject) error { return s.list(ctx, 1) }},
			{"initialize, " + t.name, func(ctx context.Context, s *subject) error { return s.handshake(ctx) }},
		} {
			outside, err1 := e.outside(ctx, api, p, t)
			inside, err2 := e.inside(ctx, api, p, t)
			if err := errors.Join(err1, err2); err != nil {
				return nil, fmt.Errorf("20,000 %s: %w", e.name, err)
			}
			rows = worst(rows, slices.Concat(outside, inside))
		}
	}
	return rows, nil
}

// worst returns of each row of two lists of the same the one further from holding.
func worst(known, more []row) []row {
	if known == nil {
		return more
	}
	for i, r := range more {
		if r.excess() > known[i].excess() {
			known[i] = r
		}
	}
	return known
}

// An exertion is the same call again and again.
type exertion struct {
	name string
	call func(context.Context, *subject) error
}

// outside looks at the server's process.
func (e exertion) outside(ctx context.Context, api *drive.API, p programs, t transport) ([]row, error) {
	s, err := t.start(ctx, p.ours, t.ours, p.env(api))
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := e.repeat(ctx, s); err != nil {
		return nil, err
	}
	before, err := s.server.Process().Descriptors()
	if err != nil {
		return nil, err
	}
	if err := e.repeat(ctx, s); err != nil {
		return nil, err
	}
	end, err := s.server.Process().Descriptors()
	if err != nil {
		return nil, err
	}
	peak, err := s.server.Process().Peak()
	return []row{
		{name: "20,000 " + e.name + ": most memory", got: float64(peak) / megabyte, unit: "MB", limit: 40},
		{name: "20,000 " + e.name + ": descriptors left by the second half", got: float64(max(0, end-before)), limit: 0},
	}, err
}

// inside looks at the server's memory and goroutines.
func (e exertion) inside(ctx context.Context, api *drive.API, p programs, t transport) ([]row, error) {
	s, err := t.within(ctx, p.env(api))
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := e.repeat(ctx, s); err != nil {
		return nil, err
	}
	before := drive.ReadHeap()
	if err := e.repeat(ctx, s); err != nil {
		return nil, err
	}
	end := drive.ReadHeap()
	return []row{
		{name: "20,000 " + e.name + ": memory left by a call of that half", got: float64(max(0, end.Bytes-before.Bytes)) / half, unit: "B", limit: 50},
		{name: "20,000 " + e.name + ": goroutines left by that half", got: float64(max(0, end.Goroutines-before.Goroutines)), limit: crowd},
	}, nil
}

// repeat makes half of the calls, from several callers at a time.
func (e exertion) repeat(ctx context.Context, s *subject) error {
	due := make(chan struct{}, half)
	for range half {
		due <- struct{}{}
	}
	close(due)
	var running sync.WaitGroup
	failed := make(chan error, crowd)
	for range crowd {
		running.Go(func() {
			for range due {
				if err := e.call(ctx, s); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	running.Wait()
	close(failed)
	return <-failed
}
