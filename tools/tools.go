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
	"github.com/browseract/browseract-mcp/tools/batch"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// The bounds of Config.MaxResultTokens.
const (
	DefaultResultTokens = output.DefaultMaxTokens
	MinResultTokens     = output.MinMaxTokens
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
	// written, with whether that worked, and returns false where no transport reports it.
	// Nil never does: a reply then counts as delivered when its call returns.
	AfterReply func(ctx context.Context, run func(delivered bool)) bool
	// KeyHelp is how a user of this deployment sets the API key, a sentence.
	KeyHelp string
	// Ledger remembers what this server started. Nil: runs are remembered until the
	// process ends, for the duplicate guard alone; idempotency keys, batches, budgets
	// and lists of the caller's own runs need one.
	Ledger *runs.Ledger
	// Caller returns who calls, as a hash of the key. It is required.
	Caller func(context.Context) string
	// Policy is what callers may spend; the zero Policy does not limit.
	Policy runs.Policy
	// Toolsets name the tools that are offered: "workflows", "templates" and "tasks",
	// which are the default, "batch" and "compare". Without a name of the first two both
	// are offered; tasks always are.
	Toolsets []string
	// ClientTimeout is how long clients wait for the answer to a call: it comes
	// before that. 0: it is not known, and a call takes up to 23 s, or 3 s more than
	// it is asked to wait; less where a client is known by its name, or has shown
	// in an earlier call about the same task that it gives up sooner.
	ClientTimeout time.Duration
	// MaxResultTokens bounds the page that get_task_output and compare_tasks answer
	// with, by an estimate that is rather too high. 0 stands for DefaultResultTokens,
	// and less than MinResultTokens for that.
	MaxResultTokens int
	// Lockdown keeps from the model all text that a web page may have written: it gets
	// counts and kinds, and links for its user.
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
	// Custom are the workflows and templates that have tools of their own. A
	// credits cap of theirs needs a Ledger and a Policy that looks at budgets.
	Custom []*custom.Tool
}

// tools is what the tools share.
type tools struct {
	Config
	problems      problem.Table
	calls         *call.Calls
	history       call.History
	signer        *call.Signer
	runs          *runs.Engine
	present       *present.Presenter
	batches       *batch.Manager
	outputs       *outputReader
	limits        *custom.Limits
	callbacks     callbackHosts
	outputSchemas map[reflect.Type]json.RawMessage
}

// A Registration is all that a server offers its clients, ready to be registered.
type Registration struct {
	Tools       []server.ServerTool
	Resources   []server.ServerResourceTemplate
	Prompts     []server.ServerPrompt
	Completions *Completions

	tools *tools
	own   []server.ServerTool // without custom ones
}

// New returns what the product offers in a configuration.
func New(cfg Config) (*Registration, error) {
	if cfg.Client == nil || cfg.Logger == nil || cfg.Caller == nil {
		return nil, errors.New("tools: a client, a logger and a caller are required")
	}
	if err := cfg.CheckSettings(); err != nil {
		return nil, err
	}
	t, err := newTools(cfg)
	if err != nil {
		return nil, err
	}
	own := t.offered()
	r := &Registration{Resources: t.resources(own), Prompts: t.prompts(), Completions: &Completions{t}, tools: t, own: own}
	r.Tools, err = r.SetCustom(cfg.Custom)
	return r, err
}

// CheckSettings refuses toolsets and callback hosts that New would not take.
func (cfg Config) CheckSettings() error {
	if err := checkToolsets(cfg.Toolsets); err != nil {
		return err
	}
	return checkCallbackHosts(cfg.CallbackHosts)
}

func newTools(cfg Config) (*tools, error) {
	if cfg.Files == nil {
		cfg.Files = download.New()
	}
	t := &tools{
		Config: cfg, callbacks: cfg.CallbackHosts, outputSchemas: map[reflect.Type]json.RawMessage{}, signer: call.NewSigner(), limits: &custom.Limits{},
		calls: &call.Calls{ClientTimeout: cfg.ClientTimeout, Closing: cfg.Closing, AfterReply: cfg.AfterReply},
	}
	t.problems = problem.Table{KeyHelp: cfg.KeyHelp, Mask: t.limits.Mask}
	var err error
	t.runs, err = runs.New(runs.Config{
		Client: cfg.Client, Logger: cfg.Logger, Ledger: cfg.Ledger, Caller: cfg.Caller,
		Policy: cfg.Policy, Calls: t.calls, Problems: t.problems, Limits: t.limits,
	})
	if err != nil {
		return nil, err
	}
	t.present = present.New(t.presentation())
	t.batches = batch.New(batch.Config{Runs: t.runs, HideLiveURLs: cfg.HideLiveURLs, ReadOnly: cfg.ReadOnly})
	t.outputs = newOutputReader(t)
	return t, nil
}

func (t *tools) presentation() present.Config {
	cfg := present.Config{
		Lockdown: t.Lockdown, HideLiveURLs: t.HideLiveURLs, ReadOnly: t.ReadOnly,
		Mask: t.limits.Mask, Files: t.Files, Calls: t.calls,
	}
	if t.offers(toolsetWorkflows) {
		cfg.WorkflowTool = "get_workflow"
	}
	if t.offers(toolsetTemplates) {
		cfg.TemplateTool = "get_template"
	}
	return cfg
}
