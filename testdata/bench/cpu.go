package main

import (
	"context"
	"fmt"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

const cpuRounds = 9

// A load is a page that is asked for: how many tasks, how many calls a round, and
// how many times the relay's CPU a call of ours may take.
type load struct {
	tasks, calls int
	limit        float64
}

// cpuOfCalls measures the CPU of list_tasks.
func cpuOfCalls(ctx context.Context, p programs) ([]row, error) {
	api := drive.NewAPI(0)
	defer api.Close()
	var rows []row
	for _, t := range transports() {
		for _, l := range []load{{1, 300, 1.3}, {100, 25, 0.8}} {
			r, err := l.compare(ctx, api, p, t)
			if err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (l load) compare(ctx context.Context, api *drive.API, p programs, t transport) (row, error) {
	ours, err := t.start(ctx, p.ours, t.ours, p.env(api))
	if err != nil {
		return row{}, err
	}
	defer ours.stop()
	relay, err := t.start(ctx, p.relay, t.relay, p.env(api))
	if err != nil {
		return row{}, err
	}
	defer relay.stop()
	for _, s := range []*subject{ours, relay} {
		if _, err := s.cpu(ctx, l); err != nil { // what only the first calls cost
			return row{}, err
		}
	}
	both, err := versus(cpuRounds,
		func() (float64, error) { return ours.cpu(ctx, l) },
		func() (float64, error) { return relay.cpu(ctx, l) })
	r := both.row(fmt.Sprintf("CPU of list_tasks, %s of 4 KB, %s", count(l.tasks, "task"), t.name), "ms")
	r.limit = l.limit
	return r, err
}

// cpu returns the milliseconds of CPU that a call takes, of calls one after the
// other.
func (s *subject) cpu(ctx context.Context, l load) (float64, error) {
	before, err := s.server.Process().CPU()
	if err != nil {
		return 0, err
	}
	for range l.calls {
		if err := s.list(ctx, l.tasks); err != nil {
			return 0, err
		}
	}
	after, err := s.server.Process().CPU()
	return (after - before).Seconds() * 1000 / float64(l.calls), err
}
