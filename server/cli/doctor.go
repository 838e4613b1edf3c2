package cli

import (
	"context"
	"time"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// doctorCommand checks the set-up, from the program itself over the key and an
// answer of the API to the clients that start it.
type doctorCommand struct {
	JSON bool `name:"json" help:"Print the report for programs."`
}

// doctorTimeout is how long the API has for its answer.
const doctorTimeout = 20 * time.Second

// Help is what --help says beside the flags.
func (doctorCommand) Help() string {
	return "Each line is ok, a warning, or an error with what to do next. It exits with 0 if there is no error, with 1 if there is one, and with 2 if the command line or a setting cannot be understood."
}

// Run prints the findings, and fails if one of them is an error.
func (c doctorCommand) Run(ctx context.Context, sys *system, flags *accountFlags, line *kong.Context) error {
	a, err := flags.open(sys, own)
	if err != nil {
		return err
	}
	defer func() { a.close() }()
	x := &examination{sys: sys, flags: flags, line: line, account: a, machine: machine(sys)}
	d := diagnosis{Version: sys.program.Version, Status: well, Checks: []finding{}}
	for _, check := range x.checks() {
		for _, f := range check(ctx) {
			f = f.harmless()
			d.add(f)
			if !c.JSON {
				f.put(transcript{sys.stdout}) // at once: some take seconds
			}
		}
	}
	if c.JSON {
		if err := d.put(sys.stdout); err != nil {
			return err
		}
	} else {
		transcript{sys.stdout}.put("", d.sum(), " ")
	}
	return d.err()
}

// An examination is what is looked at.
type examination struct {
	sys     *system
	flags   *accountFlags
	line    *kong.Context // that of flags
	account *account
	machine clients.Machine
}

// A check looks at one thing. What it finds may depend on what those before it
// have asked, no more.
type check func(context.Context) []finding

// checks are all there are, in the order of the report.
func (x *examination) checks() []check {
	return []check{
		x.version,
		x.address,
		x.key,
		x.call,
		x.clock,
		x.proxies,
		x.certificates,
		x.ledger,
		x.budgets,
		x.limits,
		x.downloads,
		x.exposed,
		x.clients,
	}
}

// A finding is one line of the report: what was looked at, what was found, and
// what to do next unless that is well.
type finding struct {
	Check string `json:"check"`
	Level level  `json:"level"`
	Found string `json:"found"`
	Next  string `json:"next,omitempty"`
	// Runs is the command line of an entry that is not started.
	Runs string `json:"runs,omitempty"`
	// Differs are the settings of an entry that are not those of this process.
	Differs []string `json:"differs,omitempty"`
	// Milliseconds is how long an answer took, where one was waited for.
	Milliseconds int64 `json:"milliseconds,omitempty"`
}

// A level says how well something is.
type level string

// The levels.
const (
	well    level = "ok"
	warning level = "warning" // something works less well than it could
	wrong   level = "error"   // something does not work
)

func ok(check, found string) []finding { return []finding{{Check: check, Level: well, Found: found}} }

// after says how long an answer took.
func after(took time.Duration, findings []finding) []finding {
	for n := range findings {
		findings[n].Milliseconds = max(took.Milliseconds(), 1)
	}
	return findings
}

func warn(check, found, next string) []finding {
	return []finding{{Check: check, Level: warning, Found: found, Next: next}}
}

func failed(check, found, next string) []finding {
	return []finding{{Check: check, Level: wrong, Found: found, Next: next}}
}
