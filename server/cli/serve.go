package cli

import (
	"context"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// serveCommand serves one client over stdin and stdout.
type serveCommand struct{}

// Run serves until stdin ends or the program is told to stop.
func (serveCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	a, err := flags.open(sys, own)
	if err != nil {
		return err
	}
	defer func() { a.close() }()
	a.warn(ctx, sys)
	r, err := assemble(ctx, sys, a, a.keyHelp(), flags)
	if err != nil {
		return err
	}
	defer r.stopWaits()
	return stdio.Serve(ctx, r.mcp, sys.stdin, sys.wire,
		stdio.WithLogger(sys.logger),
		stdio.WithClosing(r.stopWaits),
		stdio.WithDetached(r.drain),
	)
}
