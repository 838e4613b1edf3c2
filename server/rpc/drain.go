package rpc

import (
	"context"
	"time"
)

const (
	// DrainTimeout is how long open calls may take to answer once a stop begins.
	DrainTimeout = 1200 * time.Millisecond
	// ReplyTimeout is how long they may take after detached work, for a last look at
	// it and for the reply.
	ReplyTimeout = DrainTimeout / 2
	// DetachedTimeout is how long a stop waits for detached work at a time.
	DetachedTimeout = 20 * time.Second
)

// Detached waits for work that outlives the call which began it, or for the end of
// its context, and reports whether there was work. Nil stands for none.
type Detached func(context.Context) bool

// Wait calls d for at most [DetachedTimeout].
func (d Detached) Wait(ctx context.Context) bool {
	if d == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, DetachedTimeout)
	defer cancel()
	return d(ctx)
}

// Drain waits until answered is closed and reports whether it was: for at most
// timeout, or ReplyTimeout after detached work, so that the client learns of it.
func Drain(ctx context.Context, timeout time.Duration, answered <-chan struct{}, detached Detached) bool {
	start := time.Now()
	if detached.Wait(ctx) {
		timeout = max(timeout-time.Since(start), ReplyTimeout)
	}
	if waitFor(ctx, timeout, answered) {
		return true
	}
	// Work that began while the calls drained.
	return detached.Wait(ctx) && waitFor(ctx, ReplyTimeout, answered)
}

// waitFor reports whether done is closed within timeout and before ctx ends.
func waitFor(ctx context.Context, timeout time.Duration, done <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}
