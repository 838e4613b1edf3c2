// Package runs starts a run at most once, finds it again, waits for it, and knows what
// it may cost.
//
// Begin with [Engine.Start]: the order in which a start may cost money. dedupe.go is the
// claim in the ledger, untracked.go reads the account where the ledger may not remember,
// reconcile.go, search.go and candidate.go find the task of a start that got no clear
// answer. What is known of a task is a [Snapshot]; wait.go waits for it.
//
// The package does not know how an answer shows a run, which tools there are, or MCP.
package runs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// The times of a start. What else it may take is [browseract.StartTimeout] and
// [call.ForDefinition].
const (
	// searchTime is how long one search for the task of a start may take.
	searchTime = 8 * time.Second
	// searchInterval is the first pause between two lists, doubled each time: a list may
	// show a new task only seconds later.
	searchInterval = time.Second
	// lockGrace is how long to wait for the holder of a start's lease before searching
	// for its task: a process that was killed holds its lease to the end.
	lockGrace = 3 * time.Second
	// startRetryAfter is when to ask again for a start that is in progress.
	startRetryAfter = 5 * time.Second
	// maxListDelay is how long after its creation a list may not show a task.
	maxListDelay = 2 * time.Minute
	// goneAfter is the age of a run after which a task that does not exist was deleted.
	goneAfter = 5 * time.Minute
	// closingGrace is how long a call may read its task when the server stops.
	closingGrace = 400 * time.Millisecond
)

// What other packages need of the ledger, which only this one and batches import.
type (
	// A Ledger remembers what was started.
	Ledger = ledger.Ledger
	// A Kind is what a run is a run of.
	Kind = ledger.Kind
	// Typical is how long runs of one workflow or template take, and what they cost.
	Typical = ledger.Typical
)

// The kinds.
const (
	Workflow = ledger.Workflow
	Template = ledger.Template
)

// A Config is what an engine needs. All of it but Ledger is required.
type Config struct {
	Client *browseract.Client
	Logger *slog.Logger
	// Ledger remembers what was started. Nil: runs are remembered until the process
	// ends, for the duplicate guard alone.
	Ledger *Ledger
	// Caller returns who calls, as a hash of the key.
	Caller   func(context.Context) string
	Policy   Policy
	Calls    *call.Calls
	Problems problem.Table
	// Limits are the limits of custom tools' runs.
	Limits *custom.Limits
}

// An Engine starts and follows runs.
type Engine struct {
	Config
	ledger  *ledger.Ledger // Config.Ledger, or one in memory
	account account
	opened  time.Time // when this process began to remember
	clear   sync.Map  // has each callerTarget of which this process knows all tasks under way
}

// New returns an engine. The error is that of [ledger.Open] in memory.
func New(cfg Config) (*Engine, error) {
	l := cfg.Ledger
	if l == nil {
		var err error
		if l, err = ledger.Open(ledger.InMemory); err != nil {
			return nil, err
		}
	}
	return &Engine{Config: cfg, ledger: l, account: account{cfg.Client}, opened: time.Now()}, nil
}

// HasLedger reports whether there is a ledger for more than the duplicate guard: for
// idempotency keys, batches, budgets and lists of own runs.
func (e *Engine) HasLedger() bool { return e.Ledger != nil }

// degradedWarning is the warning that the ledger cannot be used.
func degradedWarning(err error) string {
	reason := "it cannot be used"
	if u, ok := errors.AsType[*ledger.UnavailableError](err); ok {
		reason = u.Reason
	}
	return "This server's ledger of runs cannot be used (" + reason + "), so runs are remembered only until it stops. The user can run browseract-mcp doctor."
}

// Unavailable returns the [*problem.Error] of what needs a ledger that cannot be used.
func Unavailable(err error) error {
	return &problem.Error{Code: problem.CodeLedgerUnavailable, Message: degradedWarning(err)}
}
