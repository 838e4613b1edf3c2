// Command go has the official Go SDK's client do two jobs with a server, over
// both transports and in both eras of the protocol, all at once:
//
//	go FAST-URL SLOW-URL SERVER
//
// The jobs are distinguished by the keywords of their runs, since those over HTTP
// share one account a server.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A row is one line of the table.
type row struct {
	revision, transport, job string

	do      func(ctx context.Context, s *session, keywords string) error
	connect func() mcp.Transport
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go FAST-URL SLOW-URL SERVER")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if !runAll(ctx, rows(os.Args[1], os.Args[2], os.Args[3])) {
		os.Exit(1)
	}
}

func rows(fastURL, slowURL, server string) []row {
	var all []row
	for _, revision := range []string{"2025-11-25", "2026-07-28"} {
		all = append(all,
			row{revision, "http", "whole job", wholeJob, http(fastURL)},
			row{revision, "http", "gives up after 5 s", impatientJob, http(slowURL)},
			row{revision, "stdio", "whole job", wholeJob, stdio(server, "--simulator")},
			row{revision, "stdio", "gives up after 5 s", impatientJob, stdio(server, "--simulator", "--simulator-speed", "8")},
		)
	}
	return all
}

func http(url string) func() mcp.Transport {
	return func() mcp.Transport { return &mcp.StreamableClientTransport{Endpoint: url} }
}

func stdio(name string, args ...string) func() mcp.Transport {
	return func() mcp.Transport { return &mcp.CommandTransport{Command: exec.Command(name, args...)} }
}

// runAll does the rows side by side, prints them in their order and reports
// whether all of them pass.
func runAll(ctx context.Context, all []row) bool {
	var wg sync.WaitGroup
	errs := make([]error, len(all))
	for i, r := range all {
		wg.Go(func() { errs[i] = r.run(ctx) })
	}
	wg.Wait()
	for i, r := range all {
		fmt.Printf("Go SDK 1          %s  %-9s  %-18s  %s\n", r.revision, r.transport, r.job, result(errs[i]))
	}
	return errors.Join(errs...) == nil
}

func (r row) run(ctx context.Context) error {
	s, err := connect(ctx, r.connect(), r.revision)
	if err != nil {
		return err
	}
	keywords := fmt.Sprintf("Go SDK %s %s", r.revision, r.transport)
	return cmp.Or(r.do(ctx, s, keywords), s.close())
}

func result(err error) string {
	if err != nil {
		return "FAIL: " + err.Error()
	}
	return "pass"
}
