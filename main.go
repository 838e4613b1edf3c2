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
	cli.TuneGC(os.Getenv)
	// A write to a client that is gone then fails, and does not end a program that may
	// have a paid start in flight.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, end := context.WithCancel(ctx)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	p := cli.Program{Version: version(), Path: os.Args[0], OnHangup: hangups(end), RedirectLog: log.SetOutput}
	os.Exit(exitCode(cli.Run(ctx, p, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)))
}

// hangups calls end when the terminal closes, unless nohup makes the program ignore
// that. onHangup has do called instead: a server without a terminal reloads its
// configuration.
func hangups(end func()) (onHangup func(do func())) {
	var handler atomic.Pointer[func()]
	onHangup = func(do func()) { handler.Store(&do) }
	if signal.Ignored(syscall.SIGHUP) {
		return onHangup
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	go func() { // ends with the program
		for range signals {
			if do := handler.Load(); do != nil {
				(*do)()
				continue
			}
			signal.Reset(syscall.SIGHUP)
			end()
		}
	}()
	return onHangup
}

// exitCode is 2 for an invalid command line or setting, and 1 for any other error.
func exitCode(err error) int {
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
