package streamable

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout  = 10 * time.Second // for the request line and headers
	requestTimeout = 30 * time.Second // for the whole request to arrive
	idleTimeout    = 2 * time.Minute  // between two requests of a connection
	maxHeaderBytes = 64 << 10

	drainTimeout = 1200 * time.Millisecond // for open calls once a stop begins
	cutTimeout   = 100 * time.Millisecond  // for calls that were cancelled then
	replyTime    = 600 * time.Millisecond  // for the reply of work that was waited for, and a last look before it
	ownedTimeout = 20 * time.Second        // for work that must not be cut
)

// Serve answers requests on ln with h, by TLS if cfg names the files, until
// ctx ends; then it stops gracefully and returns nil. It closes ln. An address
// that [CheckListen] refuses is refused here too.
//
// A stop calls cfg.Closing, lets open calls answer for 1.2 s, longer only while
// cfg.Detached waits, then cancels their contexts and closes their connections.
func Serve(ctx context.Context, ln net.Listener, h http.Handler, cfg Config) error {
	defer func() { _ = ln.Close() }()
	if addr, ok := ln.Addr().(*net.TCPAddr); ok {
		if err := CheckListen(addr.String(), cfg); err != nil {
			return err
		}
	}
	s := newService(ctx, h, cfg)

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
	if err != nil {
		return fmt.Errorf("serve http: %w", err)
	}
	return nil
}

// errStopped is why a call's context ended if it outlasted the drain.
var errStopped = errors.New("the server stopped")

// service is the http.Server of one Serve with what its stop needs.
type service struct {
	http         http.Server
	cfg          Config
	cancelCalls  context.CancelCauseFunc
	beginClosing context.CancelFunc
}

func newService(ctx context.Context, h http.Handler, cfg Config) *service {
	ctx = context.WithoutCancel(ctx)
	closing, beginClosing := context.WithCancel(ctx)
	calls, cancelCalls := context.WithCancelCause(withClosing(ctx, closing))
	return &service{
		cfg:          cfg,
		cancelCalls:  cancelCalls,
		beginClosing: beginClosing,
		http: http.Server{
			Handler:           h,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       requestTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			BaseContext:       func(net.Listener) context.Context { return calls },
			ErrorLog:          slog.NewLogLogger(logger(cfg).Handler(), slog.LevelDebug),
		},
	}
}

func (s *service) serve(ln net.Listener) error {
	err := s.listen(ln)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *service) listen(ln net.Listener) error {
	if s.cfg.CertFile != "" {
		return s.http.ServeTLS(ln, s.cfg.CertFile, s.cfg.KeyFile)
	}
	return s.http.Serve(ln)
}

func (s *service) stop(ctx context.Context) {
	s.beginClosing()
	if s.cfg.Closing != nil {
		s.cfg.Closing()
	}
	s.drain(ctx)
	s.cut(ctx)
	s.waitOwned(ctx) // for what began while the calls drained
}

// drain lets open calls answer. Their time is drainTimeout, or replyTime after
// owned work, so that whoever waits for a paid start is told of it.
func (s *service) drain(ctx context.Context) {
	begun := time.Now()
	shutdown, cancel := context.WithCancel(ctx)
	drained := make(chan struct{})
	go func() { // ends with shutdown, and is waited for
		defer close(drained)
		_ = s.http.Shutdown(shutdown)
	}()
	s.waitOwned(ctx)
	if !within(max(drainTimeout-time.Since(begun), replyTime), drained) && s.waitOwned(ctx) {
		within(replyTime, drained) // of what began while the calls drained
	}
	cancel()
	<-drained
}

// within reports whether done was closed within d.
func within(d time.Duration, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-time.After(d):
		return false
	}
}

// cut cancels what still runs, gives it a moment to say so, and closes the
// connections that are left.
func (s *service) cut(ctx context.Context) {
	s.cancelCalls(errStopped)
	ctx, cancel := context.WithTimeout(ctx, cutTimeout)
	defer cancel()
	_ = s.http.Shutdown(ctx)
	_ = s.http.Close()
}

// waitOwned waits for owned work and reports whether there was any.
func (s *service) waitOwned(ctx context.Context) bool {
	if s.cfg.Detached == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, ownedTimeout)
	defer cancel()
	return s.cfg.Detached(ctx)
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
