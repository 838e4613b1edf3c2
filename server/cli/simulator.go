package cli

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// simulatorCommand serves the simulated account over HTTP, for other programs.
type simulatorCommand struct {
	Listen string `default:"127.0.0.1:8766" help:"Address to listen on."`
}

// Run serves until the program is told to stop.
func (c *simulatorCommand) Run(sys *system, flags *accountFlags) error {
	ln, err := new(net.ListenConfig).Listen(sys.ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           simulator.New(simulator.WithSpeed(flags.SimulatorSpeed)),
		ReadHeaderTimeout: 10 * time.Second,
	}
	fmt.Fprintf(sys.stderr, "A simulated BrowserAct account. Use it with:\n  BROWSERACT_API_URL=http://%s BROWSERACT_API_KEY=%s\n", ln.Addr(), simulator.Key)
	stopped := make(chan struct{})
	go func() { // ends with Serve, which Close ends; waited for below
		defer close(stopped)
		<-sys.ctx.Done()
		_ = srv.Close() // its connections are a simulation's; nobody loses anything
	}()
	err = srv.Serve(ln)
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}
