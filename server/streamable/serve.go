package streamable

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	headerTimeout  = 10 * time.Second // for the request line and headers
	requestTimeout = 30 * time.Second // for the whole request to arrive
	idleTimeout    = 2 * time.Minute  // between two requests of a connection
	maxHeaderBytes = 64 << 10

	// writeTimeout is for a client to read one writePiece. The WriteTimeout of
	// http.Server would cut running calls.
	writeTimeout = requestTimeout
	readyTimeout = 3 * time.Second        // for Config.Ready
	cutTimeout   = 100 * time.Millisecond // for calls that the stop has cancelled
)

// errStopped is the cause of a context that the stop has cancelled.
var errStopped = errors.New("the server stopped")

// Serve answers requests on ln with h, by TLS if cfg names the files, until ctx ends;
// then it stops gracefully and returns nil. It closes ln. It refuses an address that
// [CheckListen] refuses.
//
// A stop calls cfg.Closing and lets open calls answer within [rpc.DrainTimeout], or
// [rpc.ReplyTimeout] after work that cfg.Detached waits for. It then cancels their
// contexts and closes their connections. What calls have registered with
// [rpc.AfterReply] has run when Serve returns.
func Serve(ctx context.Context, ln net.Listener, h http.Handler, cfg Config) error {
	defer func() { _ = ln.Close() }()
	if addr, ok := ln.Addr().(*net.TCPAddr); ok {
		if err := CheckListen(addr.String(), cfg); err != nil {
			return err
		}
	}
	s := newService(context.WithoutCancel(ctx), h, cfg)

	served := make(chan error, 1)
	go func() { served <- s.serve(ln) }() // ends with s.stop, and is waited for
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	s.stop(context.WithoutCancel(ctx))
	if err == nil {
		err = <-served
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve http: %w", err)
	}
	return nil
}

// CheckListen refuses an address beyond loopback unless TLS is on, by files or
// by a proxy in front: keys would travel in the clear. A host name other than
// localhost counts as beyond loopback, and so does none (every interface).
func CheckListen(addr string, cfg Config) error {
	if (cfg.CertFile == "") != (cfg.KeyFile == "") {
		return errors.New("TLS needs a certificate file and a key file: give both")
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address: %w", err)
	}
	if isLoopbackName(host) || cfg.CertFile != "" || cfg.BehindTLSProxy {
		return nil
	}
	return fmt.Errorf("listening on %s would send API keys unencrypted: give a TLS certificate and key, "+
		"or say that a TLS proxy is in front, or listen on 127.0.0.1", addr)
}

// service is the http.Server of one Serve with what its stop needs.
type service struct {
	http        http.Server
	cfg         Config
	cancelCalls context.CancelCauseFunc
	close       context.CancelFunc

	closing context.Context //nolint:containedctx // it ends when the stop begins
	replies rpc.Replies
}

type serviceKey struct{}

// serviceOf is the service of a request; one that never stops on another server.
func serviceOf(ctx context.Context) *service {
	if s, ok := ctx.Value(serviceKey{}).(*service); ok {
		return s
	}
	return &service{closing: context.WithoutCancel(ctx)}
}

func newService(ctx context.Context, h http.Handler, cfg Config) *service {
	s := &service{cfg: cfg}
	s.closing, s.close = context.WithCancel(ctx)
	calls, cancelCalls := context.WithCancelCause(context.WithValue(ctx, serviceKey{}, s))
	s.cancelCalls = cancelCalls
	s.http = http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          slog.NewLogLogger(logger(cfg).Handler(), slog.LevelDebug),
	}
	return s
}

func (s *service) serve(ln net.Listener) error {
	if s.cfg.CertFile != "" {
		return s.http.ServeTLS(ln, s.cfg.CertFile, s.cfg.KeyFile)
	}
	return s.http.Serve(ln)
}

func (s *service) stop(ctx context.Context) {
	s.close()
	if s.cfg.Closing != nil {
		s.cfg.Closing()
	}
	s.drain(ctx)
	s.cut(ctx)
	s.replies.Close(ctx)
	rpc.Detached(s.cfg.Detached).Wait(ctx) // for what no call reports
}

// drain lets open calls answer.
func (s *service) drain(ctx context.Context) {
	shutdown, cancel := context.WithCancel(ctx)
	drained := make(chan struct{})
	go func() { // ends with shutdown, and is waited for
		defer close(drained)
		_ = s.http.Shutdown(shutdown)
	}()
	rpc.Drain(ctx, rpc.DrainTimeout, drained, s.cfg.Detached)
	cancel()
	<-drained
}

// cut cancels what still runs, gives it a moment to answer, and closes all connections.
func (s *service) cut(ctx context.Context) {
	s.cancelCalls(errStopped)
	ctx, cancel := context.WithTimeout(ctx, cutTimeout)
	defer cancel()
	_ = s.http.Shutdown(ctx)
	_ = s.http.Close()
}
