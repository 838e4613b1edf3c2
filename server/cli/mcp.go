package cli

import (
	"context"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/rpc"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// An app is a server joined to its account, without a transport. It ends with the account.
type app struct {
	mcp *mcpserver.MCPServer
	// stopWaits ends all open waits with what is known.
	stopWaits func()
	// drain waits for starts in flight, and reports whether there was one: a start that
	// is cut off is billed, and its run lost.
	drain func(context.Context) bool
}

const (
	setKey = "The user can set it: put " + keyVariable + " into the environment of this server, in the configuration of the client that starts it, " +
		"then restart the client. Keys are made in the BrowserAct dashboard."
	sendKey = "The client has to send it with each request in the header Authorization: Bearer. The user sets that in the client's configuration."
	// setOrSendKey says nothing of the operator's set-up: any caller may read it.
	setOrSendKey = "The client can send one with each request in the header Authorization: Bearer, or the operator of this server can set one for all."
	neverAsk     = " Do not ask for the key in this conversation."
)

// keyHelp is how the one user of this process sets the key, after what is wrong with
// the one that is set.
func (a *account) keyHelp() string {
	if a.keyProblem == "" {
		return setKey
	}
	return "A key is configured, but " + a.keyProblem + ". " + setKey
}

// newApp makes the server of an account, with the user's own tools.
func newApp(ctx context.Context, sys *system, a *account, keyHelp string, flags *accountFlags) (*app, error) {
	own, err := flags.customTools(ctx, sys, a, startFetchTimeout)
	if err != nil {
		return nil, usage(err)
	}
	a.onClose(own.close)
	return newAppWith(ctx, sys, a, own, keyHelp, flags)
}

func newAppWith(ctx context.Context, sys *system, a *account, own *customTools, keyHelp string, flags *accountFlags) (*app, error) {
	runs, err := flags.Policy.ledger(sys, a.simulated)
	if err != nil {
		return nil, usage(err)
	}
	if runs != nil {
		a.onClose(func() { _ = runs.Close() }) // each run was written when it changed
	}
	if flags.Policy.lacksFolder(sys, a.simulated) {
		sys.logger.WarnContext(ctx, noStateFolder)
	}
	closing, stopWaits := context.WithCancel(context.WithoutCancel(ctx))
	a.onClose(stopWaits)
	cfg := flags.toolsConfig()
	cfg.Client, cfg.Files, cfg.Ledger, cfg.Custom = a.client, a.files, runs, own.tools
	cfg.Caller = func(ctx context.Context) string { return ledger.HashCaller(a.callerKey(ctx)) }
	cfg.Logger, cfg.Closing, cfg.AfterReply = sys.logger, closing.Done(), rpc.AfterReply
	cfg.KeyHelp = keyHelp + neverAsk
	mcp, registration, err := newServer(sys, cfg, own.canReload(flags.Policy))
	if err != nil {
		return nil, err
	}
	if own.canReload(flags.Policy) {
		own.watch(ctx, sys, flags, registration, mcp)
	}
	return &app{mcp, stopWaits, a.client.DrainStarts}, nil
}

// toolsConfig is what the flags say of the tools.
func (f *accountFlags) toolsConfig() tools.Config {
	return tools.Config{
		CallbackHosts:   f.CallbackHosts,
		Policy:          f.Policy.policy(),
		Toolsets:        f.Policy.Toolsets,
		ClientTimeout:   f.Policy.ClientTimeout,
		MaxResultTokens: f.Policy.MaxResultTokens,
		Lockdown:        f.Policy.Lockdown,
		HideLiveURLs:    f.Policy.HideLiveURLs,
		ReadOnly:        f.Policy.ReadOnly,
		Downloads:       f.Policy.downloads(),
	}
}

func newServer(sys *system, cfg tools.Config, changing bool) (*mcpserver.MCPServer, *tools.Registration, error) {
	registration, err := tools.New(cfg)
	if err != nil {
		return nil, nil, usage(err) // of what New takes, a user sets the callback hosts
	}
	mcp, err := server.New(server.Config{
		Name:         program,
		Title:        "BrowserAct",
		Version:      sys.program.Version,
		Instructions: cfg.Instructions(),
		Tools:        registration.Tools,
		Changing:     changing,
		Resources:    registration.Resources,
		Prompts:      registration.Prompts,
		Completions:  registration.Completions,
		Logger:       sys.logger,
	})
	return mcp, registration, err
}
