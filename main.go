// Command browseract-mcp is an MCP server for BrowserAct.
//
// It runs BrowserAct workflows and official templates for an AI agent, follows
// their tasks and returns their outputs as tool results, over stdio or
// streamable HTTP. Begin with server/cli, which joins the packages.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	"github.com/browseract/browseract-mcp/server/cli"
)

func main() {
	if os.Getenv("GOGC") == "" {
		cli.KeepMemoryLow()
	}
	// A client that has gone is then an error of the write, and not the end of a
	// program that may have a paid start in flight.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, end := context.WithCancel(ctx)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	p := cli.Program{Version: version(), Path: os.Args[0], OnHangup: hangups(end), RedirectLog: log.SetOutput}
	os.Exit(code(cli.Run(ctx, p, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)))
}

// hangups calls end when a terminal closes, unless nohup has said that this is
// nothing, until somebody wants something else to be done: for a server that runs by
// itself it is the way to say that its configuration has changed.
func hangups(end func()) (instead func(do func())) {
	var other atomic.Pointer[func()]
	instead = func(do func()) { other.Store(&do) }
	if signal.Ignored(syscall.SIGHUP) {
		return instead
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	go func() { // ends with the program
		for range signals {
			if do := other.Load(); do != nil {
				(*do)()
				continue
			}
			signal.Reset(syscall.SIGHUP)
			end()
		}
	}()
	return instead
}

// code is the exit code: 2 for a command line that cannot be understood, 1 for
// everything else that went wrong.
func code(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, cli.ErrUsage):
		return 2
	}
	return 1
}

// version is the version that the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
