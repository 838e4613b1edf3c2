package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// httpCommand serves many clients over streamable HTTP.
type httpCommand struct {
	Listen         string   `default:"127.0.0.1:8765" help:"Address to listen on."`
	AllowedOrigins []string `help:"Web origins whose pages may call: https://app.example.com, https://*.example.com, or *."`
	AllowedHosts   []string `help:"Names that the Host header may carry."`
	TLSCert        string   `name:"tls-cert" type:"path" help:"PEM file of the certificate; with --tls-key serves HTTPS."`
	TLSKey         string   `name:"tls-key" type:"path" help:"PEM file of the certificate's key."`
	BehindTLSProxy bool     `name:"behind-tls-proxy" help:"A proxy in front speaks TLS; allows listening beyond loopback without it."`
	UseOperatorKey bool     `help:"Let requests without a key of their own use the operator's. Every caller that reaches the server then spends its credits."`
	MaxBody        int64    `default:"4194304" help:"Largest request, in bytes."`
	MaxConcurrent  int      `default:"1000" help:"Calls in flight before the next is refused for now."`
}

// Run serves until the program is stopped.
func (c *httpCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	if flags.Policy.DownloadDir != "" {
		return usage(errors.New("--download-dir: over HTTP nothing is saved on this machine; get_task hands over links"))
	}
	a, err := flags.open(sys, c.keys(flags.Simulator))
	if err != nil {
		return err
	}
	defer a.close()
	if c.UseOperatorKey {
		a.warn(ctx, sys)
	}
	app, err := newApp(ctx, sys, a, c.keyHelp(), flags)
	if err != nil {
		return err
	}
	return c.serve(ctx, sys, app)
}

func (c *httpCommand) serve(ctx context.Context, sys *system, app *app) error {
	cfg := c.config(sys, app)
	if err := streamable.CheckListen(c.Listen, cfg); err != nil {
		return usage(fmt.Errorf("--listen: %w", err))
	}
	handler, err := streamable.NewHandler(app.mcp, cfg)
	if err != nil {
		return usage(err)
	}
	if err := c.checkCertificate(); err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	sys.logger.InfoContext(ctx, "listening", "url", c.url(ln))
	return streamable.Serve(ctx, ln, handler, cfg)
}

// checkCertificate reads what TLS needs, before the log says that the server listens.
func (c *httpCommand) checkCertificate() error {
	if c.TLSCert == "" {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
		return fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	return nil
}

func (c *httpCommand) config(sys *system, app *app) streamable.Config {
	return streamable.Config{
		Logger:         sys.logger,
		AllowedOrigins: c.AllowedOrigins,
		AllowedHosts:   c.AllowedHosts,
		MaxBody:        c.MaxBody,
		MaxConcurrent:  c.MaxConcurrent,
		Closing:        app.stopWaits,
		Detached:       app.drain,
		CertFile:       c.TLSCert,
		KeyFile:        c.TLSKey,
		BehindTLSProxy: c.BehindTLSProxy,
	}
}

// keys returns a request's own key. The operator's serves others only if the operator
// says so, or if there is nothing to spend.
func (c *httpCommand) keys(simulated bool) func(operator string) browseract.KeyFunc {
	return func(operator string) browseract.KeyFunc {
		return func(ctx context.Context) string {
			switch key := streamable.BearerFromContext(ctx); {
			case simulated:
				return operator
			case key != "" || !c.UseOperatorKey:
				return key
			}
			return operator
		}
	}
}

// keyHelp is how a caller gets a key.
func (c *httpCommand) keyHelp() string {
	if c.UseOperatorKey {
		return setOrSendKey
	}
	return sendKey
}

func (c *httpCommand) url(ln net.Listener) string {
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + ln.Addr().String() + "/mcp"
}
