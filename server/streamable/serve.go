package streamable

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout  = 10 * time.Second // for the request line and headers
	bodyTimeout    = 30 * time.Second // for the whole request
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10

	drainTimeout = 1200 * time.Millisecond // for open calls once a stop begins
	replyTime    = 200 * time.Millisecond  // for the reply of work that was waited for
	ownedTimeout = 20 * time.Second        // for work that must not be cut
)

// Serve answers requests on ln with h, by TLS if cfg names the files, until
// ctx ends; then it stops gracefully and returns nil. It closes ln. An address
// that [CheckListen] refuses is refused here too.
//
// A stop calls cfg.Closing, lets open calls answer for 1.2 s, longer only while
// cfg.Owned waits, then cancels their contexts and closes their connections.
func Serve(ctx context.Context, ln net.Listener, h http.Handler, cfg Config) error {
	defer func() { _ = ln.Close() }()
	if addr, ok := ln.Addr().(*net.TCPAddr); ok {
		if err := CheckListen(addr.String(), cfg); err != nil {
			return err
		}
	}
	s := newService(ctx, h, cfg)
	defer s.cancel()

	served := make(chan error, 1)
	go func() { served <- s.serve(ln) }() // ends with s.stop, and is waited for
	select {
	case err := <-served:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
		s.stop()
		<-served
		return nil
	}
}

// service is the http.Server of one Serve with what its stop needs.
type service struct {
	http         http.Server
	cfg          Config
	ctx          context.Context // outlives Serve's; never cancelled here
	cancel       context.CancelFunc
	beginClosing context.CancelFunc
}

func newService(ctx context.Context, h http.Handler, cfg Config) *service {
	ctx = context.WithoutCancel(ctx)
	closing, beginClosing := context.WithCancel(ctx)
	base, cancel := context.WithCancel(withClosing(ctx, closing))
	return &service{
		cfg:          cfg,
		ctx:          ctx,
		cancel:       cancel,
		beginClosing: beginClosing,
		http: http.Server{
			Handler:           h,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       bodyTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			BaseContext:       func(net.Listener) context.Context { return base },
			ErrorLog:          slog.NewLogLogger(logger(cfg).Handler(), slog.LevelDebug),
		},
	}
}

func (s *service) serve(ln net.Listener) error {
	if s.cfg.CertFile != "" {
		return s.http.ServeTLS(ln, s.cfg.CertFile, s.cfg.KeyFile)
	}
	return s.http.Serve(ln)
}

func (s *service) stop() {
	s.beginClosing()
	if s.cfg.Closing != nil {
		s.cfg.Closing()
	}
	s.drain()
	s.cancel()
	_ = s.http.Close()
	s.waitOwned() // for a start that began while the calls drained
}

// drain lets open calls answer. Their time ends drainTimeout after the stop
// began, or replyTime after the owned work, so that whoever waits for a paid
// start is told of it.
func (s *service) drain() {
	begun := time.Now()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	go func() { // ends with Owned, which is bounded; drain returns no earlier than it has to
		s.waitOwned()
		left := max(drainTimeout-time.Since(begun), replyTime)
		time.AfterFunc(left, cancel)
	}()
	_ = s.http.Shutdown(ctx)
}

func (s *service) waitOwned() {
	if s.cfg.Owned == nil {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, ownedTimeout)
	defer cancel()
	s.cfg.Owned(ctx)
}

type closingKey struct{}

func withClosing(ctx, closing context.Context) context.Context {
	return context.WithValue(ctx, closingKey{}, closing)
}

// closingOf returns the context that ends when the stop begins; one that never
// ends where the handler runs on another server.
func closingOf(ctx context.Context) context.Context {
	if closing, ok := ctx.Value(closingKey{}).(context.Context); ok {
		return closing
	}
	return context.WithoutCancel(ctx)
}

func isClosing(ctx context.Context) bool {
	return closingOf(ctx).Err() != nil
}
