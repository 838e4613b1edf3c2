// Command soak uses servers for a while as badly behaved clients do, and fails if
// they come to hold more than at the beginning.
//
// Begin with run. Four servers work on one simulated account, over stdio and
// HTTP, each in a process of its own and within this one: outside descriptors
// and memory are counted, inside goroutines and the heap. A soak is made of
// laps; clients work, then all rest and everything is counted (lap.go). What
// clients do is in chaos.go, what the API does to the servers in account.go. It
// runs on Linux; by hand: go run ./testdata/soak -for 10m.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

func main() {
	length := flag.Duration("for", time.Minute, "how long to work")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is left to chance")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *length, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		stop()
		os.Exit(1)
	}
}

// laps is how many times a soak comes to rest.
const laps = 6

func run(ctx context.Context, stdout io.Writer, length time.Duration, seed uint64) error {
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := drive.Program(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "seed %d, %v in %d laps\n", seed, length, laps)
	s, err := open(ctx, program, dir, seed)
	if err != nil {
		return err
	}
	return errors.Join(s.run(ctx, stdout, length), s.close())
}

func (s *soak) run(ctx context.Context, stdout io.Writer, length time.Duration) error {
	var counts []count
	resting := time.Duration(0) // of the lap before
	for lap := range laps {
		work := max(length/laps-resting, length/laps/2)
		began := time.Now()
		c, err := s.lap(ctx, work)
		if err != nil {
			return fmt.Errorf("lap %d: %w", lap+1, err)
		}
		resting = time.Since(began) - work
		fmt.Fprintf(stdout, "lap %d: %v\n", lap+1, c)
		counts = append(counts, c)
	}
	return judge(counts)
}
