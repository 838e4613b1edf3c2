package cli

import (
	"context"
	"time"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// doctorCommand checks the set-up, from the program itself over the key and an answer
// of the API to the clients that start it.
type doctorCommand struct {
	JSON bool `name:"json" help:"Print the report for programs."`
}

// Help is what --help prints besides the flags.
func (doctorCommand) Help() string {
	return "Each line is ok, a warning, or an error with what to do next. It exits with 0 if there is no error, with 1 if there is one, and with 2 if the command line or a setting is invalid."
}

// Run prints the results, and fails if one of them is an error.
func (c doctorCommand) Run(ctx context.Context, sys *system, flags *accountFlags, line *kong.Context) error {
	a, err := flags.open(sys, staticKey)
	if err != nil {
		return err
	}
	defer a.close()
	check := &checker{sys: sys, flags: flags, line: line, account: a, machine: machine(sys)}
	r := report{Version: sys.program.Version, Status: levelOK, Checks: []result{}}
	for _, run := range check.all() {
		for _, result := range run(ctx) {
			result = result.sanitize()
			r.add(result)
			if !c.JSON {
				result.put(textWriter{sys.stdout}) // at once: some checks take seconds
			}
		}
	}
	if c.JSON {
		if err := r.put(sys.stdout); err != nil {
			return err
		}
	} else {
		textWriter{sys.stdout}.say(r.summary())
	}
	return r.err()
}

// A checker has what the checks look at.
type checker struct {
	sys     *system
	flags   *accountFlags
	line    *kong.Context // that of flags
	account *account
	machine clients.Machine
}

// all are the checks, in the order of the report. One may use what the API answered
// an earlier one, and no more.
func (c *checker) all() []func(context.Context) []result {
	return []func(context.Context) []result{
		c.version, c.address, c.key, c.call, c.clock, c.proxies, c.certificates,
		c.ledger, c.budgets, c.limits, c.downloads, c.customTools, c.clients,
	}
}

// A result is one line of the report.
type result struct {
	Check string `json:"check"`
	Level level  `json:"level"`
	Found string `json:"found"`
	// Next is what to do, "" if the level is ok.
	Next string `json:"next,omitempty"`
	// Runs is the command line of an entry that is not started.
	Runs string `json:"runs,omitempty"`
	// Differs are the settings of an entry that this process has otherwise.
	Differs []string `json:"differs,omitempty"`
	// Milliseconds is how long an answer took, 0 where none was awaited.
	Milliseconds int64 `json:"milliseconds,omitempty"`
}

// A level is how severe a result is.
type level string

// The levels.
const (
	levelOK      level = "ok"
	levelWarning level = "warning" // something works less well than it could
	levelError   level = "error"   // something does not work
)

func ok(check, found string) []result { return []result{{Check: check, Level: levelOK, Found: found}} }

func warn(check, found, next string) []result {
	return []result{{Check: check, Level: levelWarning, Found: found, Next: next}}
}

func failed(check, found, next string) []result {
	return []result{{Check: check, Level: levelError, Found: found, Next: next}}
}

// timed adds how long the answer took.
func timed(took time.Duration, results []result) []result {
	for n := range results {
		results[n].Milliseconds = max(took.Milliseconds(), 1)
	}
	return results
}
