package call

import (
	"context"
	"time"
)

// responseBudget is how long a call may take whose client gives it that timeout.
func responseBudget(timeout time.Duration) time.Duration { return timeout - min(maxMargin, timeout/5) }

// maxWait is how long of that it may wait: the last read comes after.
func maxWait(timeout time.Duration) time.Duration {
	whole := responseBudget(timeout)
	return whole - min(LastRead, whole/3)
}

// Waiting returns a context that ends when a wait of the call is over: at its time, or
// when the client's time is nearly used up. It needs no goroutine.
func Waiting(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	c := From(ctx)
	if c.clientTimeout > 0 {
		wait = min(wait, maxWait(c.clientTimeout))
	}
	return context.WithDeadline(ctx, c.arrival.Add(wait))
}

// WaitingOpen is Waiting that also ends when the server begins to stop.
func (s *Calls) WaitingOpen(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	ctx, over := Waiting(ctx, wait)
	open, cancel := s.UntilClosing(ctx)
	return open, func() { cancel(); over() }
}

// UntilClosing returns a context that ends when the server begins to stop.
func (s *Calls) UntilClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if s.IsClosing() {
		cancel()
		return ctx, cancel
	}
	ended := make(chan struct{})
	go func() { // ends with ctx; the returned cancel waits for it
		defer close(ended)
		select {
		case <-s.Closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(); <-ended }
}

// IsClosing reports whether the server has begun to stop.
func (s *Calls) IsClosing() bool {
	select {
	case <-s.Closing:
		return true
	default:
		return false
	}
}
