// Command bench measures what the server costs beside a server of one tool that
// relays the same request (./relay), and prints a table.
//
// Begin with main: each part of the table has a file of its own. Both sides are
// built from this source tree, asked for the same pages of the same API in
// turns, so that other load on the machine hits both, and compared by their
// medians. What is called CPU is the user and system time of the server's
// process. It runs on Linux; by hand: go run ./testdata/bench.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// A part measures some of the table's rows.
type part func(context.Context, programs) ([]row, error)

func run(ctx context.Context, stdout io.Writer) error {
	began := time.Now()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	built, err := build(ctx, dir)
	if err != nil {
		return err
	}
	var t table
	for _, measure := range []part{startUp, crowdStart, cpuOfCalls, throughput, largeOutput, endurance} {
		rows, err := measure(ctx, built)
		if err != nil {
			return err
		}
		t = append(t, rows...)
	}
	fmt.Fprintf(stdout, "%s, %s, %d CPUs, %s\n", time.Now().UTC().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), memory())
	fmt.Fprint(stdout, t)
	fmt.Fprintf(stdout, "measured in %.0f s\n", time.Since(began).Seconds())
	return t.verdict()
}

// programs are what is compared, and the home of both.
type programs struct{ ours, relay, home string }

// env is all that a program sees of the environment.
func (p programs) env(api *drive.API) []string { return append(api.Env(), "HOME="+p.home) }

func build(ctx context.Context, dir string) (programs, error) {
	ours, err := drive.Program(ctx, dir)
	if err != nil {
		return programs{}, err
	}
	relay, err := drive.Build(ctx, dir, "/testdata/bench/relay")
	return programs{ours, relay, dir}, err
}

// memory is the size of the machine.
func memory() string {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "memory unknown"
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var kilobytes float64
	if _, err := fmt.Sscanf(line, "MemTotal: %f kB", &kilobytes); err != nil {
		return "memory unknown"
	}
	return fmt.Sprintf("%.0f GiB", kilobytes/(1<<20))
}
