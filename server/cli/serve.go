package cli

import (
	"context"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// serveCommand serves one client over stdin and stdout.
type serveCommand struct{}

// Run serves until stdin ends or the program is stopped.
func (serveCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	a, err := flags.open(sys, staticKey)
	if err != nil {
		return err
	}
	defer a.close()
	a.warn(ctx, sys)
	app, err := newApp(ctx, sys, a, a.keyHelp(), flags)
	if err != nil {
		return err
	}
	return stdio.Serve(ctx, app.mcp, sys.stdin, sys.wire,
		stdio.WithLogger(sys.logger),
		stdio.WithClosing(app.stopWaits),
		stdio.WithDetached(app.drain),
	)
}
