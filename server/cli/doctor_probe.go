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
	// probeKey is the key of a probe. The server takes it for a placeholder, and without
	// a key it sends no request by itself.
	probeKey = "<no key: this is a probe>"
	// probeURL is the API of a probe: nothing can listen there.
	probeURL = "http://127.0.0.1:0"
)

// probe starts this program with the settings of an entry that are in probedFlags.
func (c *checker) probe(ctx context.Context, e entry) result {
	own, err := os.Executable()
	if err != nil {
		return e.notStarted(levelWarning, err.Error(), e.reinstall())
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	began := time.Now()
	n, err := probe(ctx, own, probeArgs(e.line), []string{keyVariable + "=" + probeKey})
	if err != nil {
		return e.result(levelError, "does not start: "+err.Error(), e.reinstall())
	}
	took := time.Since(began).Round(time.Millisecond)
	r := e.result(levelOK, fmt.Sprintf("starts and lists %d tools in %s", n, took), "")
	if problem := e.keyProblem(); problem != "" {
		r.Level, r.Found, r.Next = levelWarning, r.Found+"; but "+problem, e.reinstall()
	}
	return timed(took, []result{r})[0]
}

// keyProblem is what is wrong with the entry's key, "" for nothing.
func (e entry) keyProblem() string {
	key, err := e.account.apiKey(e.getenv)
	switch {
	case e.account.Simulator:
	case err != nil:
		return err.Error()
	case key == "":
		return "it has no API key"
	}
	return ""
}

// probedFlags are the settings of an entry that its probe has too. None names an
// address that the server calls by itself, a file or a folder.
func probedFlags() []string {
	return []string{
		"simulator", "simulator-speed",
		"budget-mode", "max-credits-per-day", "max-runs-per-day", "max-active-runs", "max-credits-per-run", "assume-credits",
		"allow-workflows", "allow-templates", "toolsets", "client-timeout", "max-result-tokens",
		"lockdown", "hide-live-urls", "read-only",
		"expose", "expose-template", "callback-hosts",
		"log-level", "log-format",
	}
}

// probeArgs are the arguments of a probe. They are written anew from what the entry
// sets, so that nothing passes that is not in probedFlags, in any spelling.
func probeArgs(line *kong.Context) []string {
	args := []string{"serve", "--api-url=" + probeURL, "--ledger=" + string(inMemory)}
	for _, flag := range line.Model.Flags {
		if value := valueOf(flag); value != flag.Default && slices.Contains(probedFlags(), flag.Name) {
			args = append(args, "--"+flag.Name+"="+value)
		}
	}
	return args
}
