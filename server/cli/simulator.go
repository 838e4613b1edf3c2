package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// simulatorCommand serves the simulated account over HTTP, for other programs.
type simulatorCommand struct {
	Listen string `default:"127.0.0.1:8766" help:"Address to listen on."`
}

// Run serves until the program is stopped.
func (c *simulatorCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           simulator.New(simulator.WithSpeed(float64(flags.SimulatorSpeed))),
		ReadHeaderTimeout: headerTimeout,
	}
	// Connections may break: they are a simulation's.
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	fmt.Fprintf(sys.stderr, "A simulated BrowserAct account. Use it with:\n  BROWSERACT_API_URL=http://%s %s=%s\n", ln.Addr(), keyVariable, simulator.Key)
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
