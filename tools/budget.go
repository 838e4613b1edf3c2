package tools

import (
	"context"
	"time"
)

const (
	// leastBudget is how long a call may take that does not wait for a task.
	leastBudget = 20 * time.Second
	// lastLook is what a call has after its wait for reading the task once more.
	lastLook = 2 * time.Second
	// mostForDefinition is how much of a run's time its definition may take, so
	// that 15 s are left for the start itself.
	mostForDefinition = 5 * time.Second
)

type arrivalKey struct{}

// withArrival notes when the call arrived: its waits count from there.
func withArrival(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, arrivalKey{}, at)
}

func arrival(ctx context.Context) time.Time {
	at, _ := ctx.Value(arrivalKey{}).(time.Time)
	return at
}

// A waiter is an input that says how long its call waits for a task.
type waiter interface{ wait() time.Duration }

// withBudget bounds the call: whatever BrowserAct does, it is answered within
// the larger of its wait and 20 s, and about 2 s, and before its client gives up.
func (t *toolset) withBudget(ctx context.Context, in any) (context.Context, context.CancelFunc) {
	budget := leastBudget
	if w, ok := in.(waiter); ok {
		budget = max(budget, w.wait())
	}
	budget += lastLook
	if given := t.clientTimeout(ctx); given > 0 {
		ctx = withGiven(ctx, given)
		budget = min(budget, answerWithin(given))
	}
	return context.WithDeadline(ctx, arrival(ctx).Add(budget))
}

// A waitInput is the argument of tools that wait for a task.
type waitInput struct {
	WaitSeconds int `json:"wait_seconds,omitempty" jsonschema:"minimum=0,maximum=50,default=25" jsonschema_description:"Wait this long for the task to end"`
}

func (w waitInput) wait() time.Duration { return time.Duration(w.WaitSeconds) * time.Second }

// waiting returns a context that ends when the call's wait is over: at its time,
// or when the client's time is nearly used up, or when the server begins to stop.
func (t *toolset) waiting(ctx context.Context, w waitInput) (context.Context, context.CancelFunc) {
	ctx, over := waitingTime(ctx, w)
	open, cancel := t.untilClosing(ctx)
	return open, func() { cancel(); over() }
}

// waitingTime is waiting, but for the server's stop: it needs no goroutine, of which
// a thousand waits would have as many.
func waitingTime(ctx context.Context, w waitInput) (context.Context, context.CancelFunc) {
	wait := w.wait()
	if given := givenTo(ctx); given > 0 {
		wait = min(wait, waitWithin(given))
	}
	return context.WithDeadline(ctx, arrival(ctx).Add(wait))
}

// untilClosing returns a context that ends when the server begins to stop.
func (t *toolset) untilClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if t.closing() {
		cancel()
		return ctx, cancel
	}
	ended := make(chan struct{})
	go func() { // ends with ctx; the returned cancel waits for it
		defer close(ended)
		select {
		case <-t.Closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(); <-ended }
}

func (t *toolset) closing() bool {
	select {
	case <-t.Closing:
		return true
	default:
		return false
	}
}
