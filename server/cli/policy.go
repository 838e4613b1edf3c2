package cli

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// policyFlags say what callers may spend, which tools they have, and where runs are
// remembered.
type policyFlags struct {
	Ledger           ledgerPath    `placeholder:"PATH" help:"Where the runs that were started are remembered: a file, memory, or off. By default a file in your state folder."`
	BudgetMode       string        `enum:"off,warn,enforce" default:"enforce" help:"What happens where a budget or a list of allowed ids is exceeded: off, warn or enforce."`
	MaxCreditsPerDay int64         `help:"Most credits in 24 hours; failed and unfinished runs count."`
	MaxRunsPerDay    int           `help:"Most runs in 24 hours."`
	MaxActiveRuns    int           `help:"Most runs at a time."`
	MaxCreditsPerRun int64         `help:"Most credits of a run; a run that is waited for is stopped above it."`
	AssumeCredits    int64         `default:"100" help:"Credits that a run reserves while the cost of its workflow is unknown."`
	AllowWorkflows   []string      `help:"Ids of the workflows that may run. Without any, and without templates, all may."`
	AllowTemplates   []string      `help:"Ids of the templates that may run."`
	Toolsets         []string      `help:"Which tools are offered: workflows, templates (each leaves out the other, unless both are named), batch, compare. Those about tasks always are."`
	ClientTimeout    time.Duration `help:"How long your client gives a call, as in 30s; answers then come before. Unknown by default."`
	MaxResultTokens  int           `default:"${tokens}" help:"Most tokens of a page of a task's output."`
	Lockdown         bool          `help:"Show the model no text that a web page may have written: profiles of outputs and links only."`
	HideLiveURLs     bool          `name:"hide-live-urls" help:"Keep addresses of live views and of files from the model; the user opens the log page or the dashboard instead."`
	ReadOnly         bool          `help:"Leave out every tool that starts, stops, resumes or saves."`
	DownloadDir      string        `type:"path" help:"Folder that save_task_output writes into; without it there is no such tool. Over stdio only."`
}

// A ledgerPath is the absolute path of a file, memory or off; "" is the default file.
type ledgerPath string

// The ledgers that are no file.
const (
	inMemory ledgerPath = "memory"
	noLedger ledgerPath = "off"
)

// UnmarshalText makes a path absolute: a client may start the server in another
// folder later.
func (p *ledgerPath) UnmarshalText(text []byte) error {
	*p = ledgerPath(text)
	if *p != "" && *p != inMemory && *p != noLedger {
		*p = ledgerPath(kong.ExpandPath(string(text)))
	}
	return nil
}

// Validate refuses budgets and limits that are out of range.
func (f policyFlags) Validate() error {
	if min(f.MaxCreditsPerDay, f.MaxCreditsPerRun, f.AssumeCredits, int64(f.MaxRunsPerDay), int64(f.MaxActiveRuns)) < 0 {
		return errors.New("a budget cannot be below 0")
	}
	if f.ClientTimeout != 0 && f.ClientTimeout < time.Second {
		return errors.New("a client gives a call a second at least")
	}
	if f.MaxResultTokens < tools.MinResultTokens || f.MaxResultTokens > maxResultTokens {
		return fmt.Errorf("a page has %d to %d tokens", tools.MinResultTokens, maxResultTokens)
	}
	return nil
}

// maxResultTokens is more than any known client takes.
const maxResultTokens = 100_000

func (f policyFlags) policy() runs.Policy {
	return runs.Policy{
		Mode:             runs.BudgetMode(f.BudgetMode),
		MaxCreditsPerDay: f.MaxCreditsPerDay,
		MaxRunsPerDay:    f.MaxRunsPerDay,
		MaxActiveRuns:    f.MaxActiveRuns,
		MaxCreditsPerRun: f.MaxCreditsPerRun,
		AssumeCredits:    f.AssumeCredits,
		AllowWorkflows:   f.AllowWorkflows,
		AllowTemplates:   f.AllowTemplates,
	}
}

// downloads is the folder that the operator allows the server to write to; nil: none.
func (f policyFlags) downloads() *download.Folder {
	if f.DownloadDir == "" {
		return nil
	}
	return download.NewFolder(f.DownloadDir)
}

// ledger opens the ledger; nil if it is off.
func (f policyFlags) ledger(sys *system, simulated bool) (*ledger.Ledger, error) {
	switch path := f.ledgerPath(sys, simulated); path {
	case noLedger:
		return nil, nil
	case inMemory:
		return ledger.Open(ledger.InMemory)
	default:
		return ledger.Open(string(path))
	}
}

// ledgerPath is a file, memory or off. A simulated account ends with the process, and
// so does its ledger.
func (f policyFlags) ledgerPath(sys *system, simulated bool) ledgerPath {
	switch {
	case f.Ledger != "":
		return f.Ledger
	case simulated:
		return inMemory
	}
	return cmp.Or(ledgerPath(sys.userFile("ledger.db", "LOCALAPPDATA", "Library/Application Support", "XDG_STATE_HOME", ".local/state")), inMemory)
}

// lacksFolder reports whether the ledger is in memory only because no folder for its
// file is known.
func (f policyFlags) lacksFolder(sys *system, simulated bool) bool {
	return f.Ledger == "" && !simulated && f.ledgerPath(sys, simulated) == inMemory
}

// noStateFolder is what lacksFolder means for the user.
const noStateFolder = "no folder for the ledger is known, so runs are remembered only as long as the server runs: set HOME, or give --ledger=PATH"
