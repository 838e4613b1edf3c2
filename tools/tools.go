// Package tools is what an agent sees: one file a tool, with its input, its words,
// its effects and its handler.
//
// Begin with [New], then with get_task.go, which is the product in one file. The
// way of a call is define.go; what a run, a wait and a status answer with is made
// in follow.go and describe.go; every error gets its words in errors.go.
//
// The package knows nothing of transports. It reaches BrowserAct through the
// client only, so that tests exchange the HTTP server and nothing else.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// The bounds of Config.MaxResultTokens.
const (
	DefaultResultTokens = output.DefaultMaxTokens
	LeastResultTokens   = output.MinMaxTokens
)

// A Config is what the tools need.
type Config struct {
	// Client reaches BrowserAct. It is required.
	Client *browseract.Client
	// Logger takes what happens beside answers: runs started, above all. It is
	// required.
	Logger *slog.Logger
	// Closing is closed when the server begins to stop: open waits then end with
	// what is known. Nil never closes.
	Closing <-chan struct{}
	// AfterReply registers what runs once the reply to the call of a context has been
	// written, with whether that worked. Nil: a reply counts as delivered when its call
	// returns.
	AfterReply func(ctx context.Context, run func(delivered bool))
	// KeyHelp is how a user of this deployment sets the API key, a sentence.
	KeyHelp string
	// Ledger remembers what this server started. Nil: runs are remembered until the
	// process ends, for the duplicate guard alone; idempotency keys, batches, budgets
	// and lists of the caller's own runs need one.
	Ledger *ledger.Ledger
	// Caller tells who calls, as a hash of the key. It is required with a Ledger;
	// without it nothing is remembered.
	Caller func(context.Context) string
	// Policy is what callers may spend; the zero Policy does not limit.
	Policy Policy
	// Toolsets name the tools that are offered: "workflows", "templates" and "tasks",
	// which are the default, "batch" and "compare". Without a name of the first two both
	// are offered; tasks always are.
	Toolsets []string
	// ClientTimeout is how long clients wait for the answer to a call: it comes
	// before that. 0: nobody knows, and a call takes up to 23 s, or 3 s more than
	// it is asked to wait; less where a client is known by its name, or has shown
	// in an earlier call about the same task that it gives up sooner.
	ClientTimeout time.Duration
	// MaxResultTokens bounds the page that get_task_output and compare_tasks answer
	// with, by an estimate that is rather too high. 0 stands for DefaultResultTokens,
	// and less than LeastResultTokens for that.
	MaxResultTokens int
	// Lockdown keeps from the model whatever text a web page may have written: it is
	// told what an output holds, and gets links for its user.
	Lockdown bool
	// HideLiveURLs keeps the addresses of live views and of files from the model. A
	// question to the user still has the former.
	HideLiveURLs bool
	// ReadOnly leaves out every tool that starts, stops, resumes or saves.
	ReadOnly bool
	// Files fetches what links of tasks point to. Nil: from public addresses only.
	Files *download.Client
	// Downloads is where save_task_output writes. Nil: the tool is not offered, and
	// get_task hands over links. It is for a client on the same machine.
	Downloads *download.Folder
	// CallbackHosts are the hosts that a run may report to: names, *.example.com,
	// or * for any public host. Without any, runs take no callback URLs.
	CallbackHosts []string
	// Exposed are the workflows and templates that have tools of their own. A
	// credits cap of theirs needs a Ledger and a Policy that looks at budgets.
	Exposed []*custom.Tool
}

// A toolset is what the tools share.
type toolset struct {
	Config
	callbacks     callbackHosts
	problems      problem.Table
	starts        *ledger.Ledger // Ledger, or one in memory for the duplicate guard alone; nil without a Caller
	outputSchemas map[reflect.Type]json.RawMessage
	crews         crews
	signer        *call.Signer
	calls         *call.Calls
	history       call.History
	opened        time.Time // when this process began to remember
	accountLooks  accountLooks
	documents     documents
	exposed       exposed
	selecting     chan struct{} // has one for each program that runs
	drawing       chan struct{} // has one while a picture is unpacked
}

// An Offer is all that a server offers its clients, ready to be registered.
type Offer struct {
	Tools       []server.ServerTool
	Resources   []server.ServerResourceTemplate
	Prompts     []server.ServerPrompt
	Completions *Completions

	toolset *toolset
	own     []server.ServerTool // without those that are exposed
}

// New returns what the product offers in a configuration.
func New(cfg Config) (*Offer, error) {
	if cfg.Client == nil || cfg.Logger == nil || (cfg.Ledger != nil && cfg.Caller == nil) {
		return nil, errors.New("tools: a client and a logger are required, and a caller with a ledger")
	}
	starts, err := startsOf(cfg)
	if err != nil {
		return nil, err
	}
	keep := maxDocuments
	if cfg.Caller == nil { // callers cannot be told apart
		keep = 0
		cfg.Caller = func(context.Context) string { return "" }
	}
	if cfg.Files == nil {
		cfg.Files = download.New()
	}
	callbacks, err := newCallbackHosts(cfg.CallbackHosts)
	if err != nil {
		return nil, err
	}
	if err := checkToolsets(cfg.Toolsets); err != nil {
		return nil, err
	}
	t := &toolset{
		Config: cfg, callbacks: callbacks, starts: starts, opened: time.Now(), outputSchemas: map[reflect.Type]json.RawMessage{}, signer: call.NewSigner(),
		calls:     &call.Calls{ClientTimeout: cfg.ClientTimeout, Closing: cfg.Closing, AfterReply: cfg.AfterReply},
		documents: documents{most: keep}, selecting: make(chan struct{}, maxSelecting), drawing: make(chan struct{}, 1),
	}
	t.problems = problem.Table{KeyHelp: cfg.KeyHelp, Mask: t.exposed.mask}
	own := t.offered()
	offer := &Offer{Resources: t.resources(own), Prompts: t.prompts(), Completions: &Completions{t}, toolset: t, own: own}
	offer.Tools, err = offer.Expose(cfg.Exposed)
	return offer, err
}

// startsOf returns what the duplicate guard remembers with.
func startsOf(cfg Config) (*ledger.Ledger, error) {
	if cfg.Ledger != nil || cfg.Caller == nil {
		return cfg.Ledger, nil
	}
	return ledger.Open(ledger.InMemory)
}
