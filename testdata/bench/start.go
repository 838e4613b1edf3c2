package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

const (
	starts     = 25
	initTraces = 7
	megabyte   = 1e6
)

// startUp measures from the start of the process to the list of the tools, as a
// client sees it.
func startUp(ctx context.Context, p programs) ([]row, error) {
	api := drive.NewAPI(0)
	defer api.Close()
	var peaks []float64
	both, err := versus(starts,
		func() (float64, error) {
			took, peak, err := startOnce(ctx, p.ours, p.env(api))
			peaks = append(peaks, peak)
			return took, err
		},
		func() (float64, error) {
			took, _, err := startOnce(ctx, p.relay, p.env(api))
			return took, err
		})
	if err != nil {
		return nil, err
	}
	slowest, err := slowestInit(ctx, p.ours)
	if err != nil {
		return nil, err
	}
	took := both.row("start to tools/list, stdio", "ms")
	took.limit = 2
	return []row{
		took,
		{name: "memory then", got: median(peaks), unit: "MB", limit: 25},
		{name: "slowest init of ours: " + slowest.of, got: slowest.ms, unit: "ms", limit: 0.5},
	}, nil
}

// startOnce returns the milliseconds to tools/list and the megabytes used.
func startOnce(ctx context.Context, program string, env []string, args ...string) (took, peak float64, err error) {
	began := time.Now()
	s, err := drive.Start(ctx, env, program, args...)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = s.Stop() }()
	c, err := drive.DialStdio(ctx, s)
	if err != nil {
		return 0, 0, err
	}
	if _, err := c.Call(ctx, "tools/list", ""); err != nil {
		return 0, 0, err
	}
	took = time.Since(began).Seconds() * 1000
	bytes, err := s.Process().Peak()
	return took, float64(bytes) / megabyte, err
}

// An initCost is what the initialisation of a package took.
type initCost struct {
	of string
	ms float64
}

// slowestInit returns our package whose initialisation takes longest, each taken
// at its fastest: the trace counts time in which the machine did something else.
func slowestInit(ctx context.Context, program string) (initCost, error) {
	fastest := map[string]float64{}
	for range initTraces {
		cmd := exec.CommandContext(ctx, program, "--version")
		cmd.Env = []string{"GODEBUG=inittrace=1"}
		var trace bytes.Buffer
		cmd.Stderr = &trace
		if err := cmd.Run(); err != nil {
			return initCost{}, fmt.Errorf("%s: %w", cmd, err)
		}
		for _, cost := range ownInits(trace.String()) {
			if known, ok := fastest[cost.of]; !ok || cost.ms < known {
				fastest[cost.of] = cost.ms
			}
		}
	}
	slowest := initCost{of: "none"}
	for name, ms := range fastest {
		if ms > slowest.ms {
			slowest = initCost{name, ms}
		}
	}
	return slowest, nil
}

// traced matches "init PATH @0.1 ms, 0.2 ms clock, …" for packages of ours.
var traced = regexp.MustCompile(`(?m)^init (?:main|github\.com/browseract/browseract-mcp(\S*)) @\S+ ms, (\S+) ms clock`)

func ownInits(trace string) []initCost {
	var costs []initCost
	for _, match := range traced.FindAllStringSubmatch(trace, -1) {
		ms, _ := strconv.ParseFloat(match[2], 64) // written by the runtime
		costs = append(costs, initCost{strings.TrimPrefix(match[1], "/"), ms})
	}
	return costs
}
