package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

// clients is how many clients work on each server at a time.
const clients = 8

// lap lets clients work on an account that is new, brings everything to rest and
// counts what is left.
func (s *soak) lap(ctx context.Context, length time.Duration) (count, error) {
	s.account.renew()
	if err := s.work(ctx, length); err != nil {
		return count{}, err
	}
	s.account.renew() // the heap shall not hold what the lap did on the account
	s.account.CloseClientConnections()
	for _, t := range s.targets {
		if c, ok := t.caller.(*drive.HTTP); ok {
			c.Close()
		}
	}
	return s.look()
}

func (s *soak) work(ctx context.Context, length time.Duration) error {
	over := time.Now().Add(length)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var working sync.WaitGroup
	for _, t := range s.targets {
		for range clients {
			working.Go(func() {
				for time.Now().Before(over) && ctx.Err() == nil {
					if err := s.act(ctx, t); err != nil {
						cancel(err)
					}
				}
			})
		}
	}
	working.Wait()
	return context.Cause(ctx)
}

// A holding is something that there may be no more and more of.
type holding struct {
	name    string
	unit    string
	now     int64
	spare   int64 // how much comes and goes
	perCall int64 // what a call may leave behind
}

// A count is what everything holds at rest.
type count struct {
	calls    int64 // so far
	summary  string
	holdings []holding
}

func (c count) String() string {
	list := []string{c.summary}
	for _, h := range c.holdings {
		list = append(list, h.name+" "+h.amount(h.now))
	}
	return strings.Join(list, "; ")
}

func (h holding) amount(n int64) string {
	if h.unit == "MB" {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprint(n)
}

const (
	spareHeap   = 700_000    // bytes: what is remembered for a minute
	spareMemory = 20_000_000 // bytes: a line that is too long leaves as much to be given back later
	leftBehind  = 50         // bytes a call
	spareThings = 12         // of goroutines and descriptors
)

func (s *soak) look() (count, error) {
	heap := s.rest()
	own, err := drive.Process{PID: os.Getpid()}.Descriptors()
	c := count{calls: s.tally.calls(), summary: s.tally.String(), holdings: []holding{
		{"within: goroutines", "", int64(heap.Goroutines), spareThings, 0},
		{"heap", "MB", heap.Bytes, spareHeap, leftBehind},
		{"descriptors", "", int64(own), spareThings, 0},
	}}
	for _, t := range s.targets {
		if t.within {
			continue
		}
		memory, err1 := t.server.Process().Resident()
		descriptors, err2 := t.server.Process().Descriptors()
		err = errors.Join(err, err1, err2)
		c.holdings = append(
			c.holdings,
			holding{t.name + ": memory", "MB", memory, spareMemory, leftBehind},
			holding{"descriptors", "", int64(descriptors), spareThings, 0},
		)
	}
	return c, err
}

// restTime is the most that is waited for what calls have begun: a start that
// no caller waits for any more is seen through.
const restTime = 20 * time.Second

// rest waits until there are no fewer goroutines from one second to the next.
func (s *soak) rest() drive.Heap {
	last := drive.ReadHeap()
	for began := time.Now(); time.Since(began) < restTime; {
		<-time.After(time.Second)
		now := drive.ReadHeap()
		if now.Goroutines >= last.Goroutines {
			return now
		}
		last = now
	}
	return last
}

// judge compares the later half of a soak with the earlier: what grows all the
// time is larger in each lap of it.
func judge(counts []count) error {
	var grown []error
	half := len(counts) / 2
	calls := counts[len(counts)-1].calls - counts[half-1].calls
	for i, h := range counts[0].holdings {
		before, after := highest(counts[:half], i), highest(counts[half:], i)
		if allowed := h.spare + h.perCall*calls; after > before+allowed {
			grown = append(grown, fmt.Errorf("%s: at most %s in the first laps, %s in the last %d calls", h.name, h.amount(before), h.amount(after), calls))
		}
	}
	return errors.Join(grown...)
}

func highest(counts []count, i int) int64 {
	var peak int64
	for _, c := range counts {
		peak = max(peak, c.holdings[i].now)
	}
	return peak
}
