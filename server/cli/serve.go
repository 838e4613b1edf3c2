package cli

import (
	"github.com/browseract/browseract-mcp/server/stdio"
)

// serveCommand serves one client over stdin and stdout.
type serveCommand struct{}

// Run serves until stdin ends or the program is told to stop.
func (serveCommand) Run(sys *system, flags *accountFlags) error {
	a, err := flags.open(sys, own)
	if err != nil {
		return err
	}
	defer a.close()
	r, err := assemble(sys, a, a.keyHelp(keyHelpStdio), flags.CallbackHosts)
	if err != nil {
		return err
	}
	defer r.stopWaits()
	return stdio.Serve(sys.ctx, r.mcp, sys.stdin, sys.stdout,
		stdio.WithLogger(sys.logger),
		stdio.WithClosing(r.stopWaits),
		stdio.WithOwned(r.drain),
	)
}

// keyHelp is how to set the key, after what is wrong with the one that is set.
func (a *account) keyHelp(how string) string {
	if a.keyProblem == "" {
		return how
	}
	return "A key is configured, but " + a.keyProblem + ". " + how
}
