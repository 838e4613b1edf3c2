package cli

import (
	"context"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/rpc"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A running is a server joined to its account, before a transport carries it.
type running struct {
	mcp *mcpserver.MCPServer
	// stopWaits ends all open waits with what is known.
	stopWaits func()
	// drain waits for starts in flight: one that is cut off is billed unseen. It
	// reports whether there was one.
	drain func(context.Context) bool
}

const (
	setKey = "The user can set it: put " + keyVariable + " into the environment of this server, in the configuration of the client that starts it, " +
		"then restart the client. Keys are made in the BrowserAct dashboard."
	sendKey = "The client has to send it with each request in the header Authorization: Bearer. The user sets that in the client's configuration."
	// setOrSendKey tells nothing of the operator's set-up: anybody may be asking.
	setOrSendKey = "The client can send one with each request in the header Authorization: Bearer, or the operator of this server can set one for everybody."
	noAsking     = " Do not ask for the key in this conversation."
)

// keyHelp is how the one user of this process sets the key, after what is wrong
// with the one that is set.
func (a *account) keyHelp() string {
	if a.keyProblem == "" {
		return setKey
	}
	return "A key is configured, but " + a.keyProblem + ". " + setKey
}

// assemble makes the server of an account, with what the user exposes of it.
func assemble(ctx context.Context, sys *system, a *account, keyHelp string, flags *accountFlags) (*running, error) {
	exposed, err := flags.expose(ctx, sys, a, firstRead)
	if err != nil {
		return nil, misused(err)
	}
	a.closeAlso(exposed)
	return assembleWith(ctx, sys, a, exposed, keyHelp, flags)
}

func assembleWith(ctx context.Context, sys *system, a *account, exposed *exposure, keyHelp string, flags *accountFlags) (*running, error) {
	runs, err := flags.Policy.ledger(sys, a.simulated)
	if err != nil {
		return nil, misused(err)
	}
	if runs != nil {
		a.closeAlso(runs)
	}
	if flags.Policy.forgetful(sys, a.simulated) {
		sys.logger.WarnContext(ctx, noStateFolder)
	}
	closing, stopWaits := context.WithCancel(context.WithoutCancel(ctx))
	cfg := tools.Config{
		Client:          a.client,
		Logger:          sys.logger,
		Closing:         closing.Done(),
		AfterReply:      rpc.AfterReply,
		KeyHelp:         keyHelp + noAsking,
		CallbackHosts:   flags.CallbackHosts,
		Ledger:          runs,
		Caller:          func(ctx context.Context) string { return ledger.HashCaller(a.keyOf(ctx)) },
		Policy:          flags.Policy.policy(),
		Toolsets:        flags.Policy.Toolsets,
		ClientTimeout:   flags.Policy.ClientTimeout,
		MaxResultTokens: flags.Policy.MaxResultTokens,
		Lockdown:        flags.Policy.Lockdown,
		HideLiveURLs:    flags.Policy.HideLiveURLs,
		ReadOnly:        flags.Policy.ReadOnly,
		Files:           a.files,
		Downloads:       flags.Policy.downloads(),
		Custom:          exposed.tools,
	}
	offer, err := tools.New(cfg)
	if err != nil {
		stopWaits()
		return nil, misused(err) // of what New takes, a user sets the callback hosts
	}
	mcp, err := server.New(server.Config{
		Name:         program,
		Title:        "BrowserAct",
		Version:      sys.program.Version,
		Instructions: cfg.Instructions(),
		Tools:        offer.Tools,
		Changing:     exposed.reloadable(flags.Policy),
		Resources:    offer.Resources,
		Prompts:      offer.Prompts,
		Completions:  offer.Completions,
		Logger:       sys.logger,
	})
	if err != nil {
		stopWaits()
		return nil, err
	}
	if exposed.reloadable(flags.Policy) {
		exposed.watch(ctx, sys, flags, offer, mcp)
	}
	return &running{mcp, stopWaits, a.client.DrainStarts}, nil
}
