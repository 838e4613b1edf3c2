package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kong"
)

const (
	// entryTimeout is how long an entry has to start and to list its tools: the
	// hastiest clients give it as long.
	entryTimeout = 5 * time.Second
	// noKey is the key of a trial. The server takes it for a placeholder, and
	// without a key it sends no request by itself.
	noKey = "<no key: this is a trial>"
	// noAddress is the API of a trial: nothing can listen there.
	noAddress = "http://127.0.0.1:0"
)

// try starts this file with the settings of an entry, as far as a trial has them.
func (x *examination) try(ctx context.Context, e entry) finding {
	own, err := os.Executable()
	if err != nil {
		return e.shown(warning, err.Error(), e.again())
	}
	ctx, cancel := context.WithTimeout(ctx, entryTimeout)
	defer cancel()
	began := time.Now()
	n, err := greet(ctx, own, trialArgs(e.line), []string{keyVariable + "=" + noKey})
	if err != nil {
		return e.found(wrong, "does not start: "+err.Error(), e.again())
	}
	took := time.Since(began).Round(time.Millisecond)
	f := e.found(well, fmt.Sprintf("starts and lists %d tools in %s", n, took), "")
	if but := x.but(e); but != "" {
		f.Level, f.Found, f.Next = warning, f.Found+"; but "+but, e.again()
	}
	return after(took, []finding{f})[0]
}

// but is what is not as it should be although the server starts, "" for nothing.
func (x *examination) but(e entry) string {
	key, err := e.account.apiKey(e.env.over(x.sys.getenv))
	switch {
	case e.account.Simulator:
	case err != nil:
		return err.Error()
	case key == "":
		return "it has no API key"
	}
	return ""
}

// tried are the settings of an entry that its trial has too. None of them names an
// address that the server calls by itself, a file or a folder.
func tried() []string {
	return []string{
		"simulator", "simulator-speed",
		"budget-mode", "max-credits-per-day", "max-runs-per-day", "max-active-runs", "max-credits-per-run", "assume-credits",
		"allow-workflows", "allow-templates", "toolsets", "client-timeout", "max-result-tokens",
		"lockdown", "hide-live-urls", "read-only",
		"expose", "expose-template", "callback-hosts",
		"log-level", "log-format",
	}
}

// trialArgs are the arguments of a trial. They are written anew from what the entry
// sets, and not taken over: so nothing passes that is not in tried, however it is
// written there.
func trialArgs(line *kong.Context) []string {
	args := []string{"serve", "--api-url=" + noAddress, "--ledger=" + string(inMemory)}
	for _, flag := range line.Model.Flags {
		value := valueOf(flag)
		if value != flag.Default && slices.Contains(tried(), flag.Name) {
			args = append(args, "--"+flag.Name+"="+value)
		}
	}
	return args
}
