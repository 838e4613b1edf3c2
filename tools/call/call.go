// Package call is one tools/call: when it arrived, how long it may take, the progress that
// its client is sent, the question that its user is asked, and whether its reply was
// delivered.
//
// Begin with [Calls], what all calls of a server share, and [Calls.Begin], which puts a
// [Call] into the context of a call: the one value that it carries. Waits, progress and
// questions read it from there.
//
// The package knows nothing of runs, of the ledger, or of BrowserAct.
package call

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// The times of a call. A start has what a definition leaves of the shortest call.
const (
	// minBudget is how long a call may take that does not wait for a task.
	minBudget = 20 * time.Second
	// LastRead is the time after a wait in which a call reads the task once more.
	LastRead = 2 * time.Second
	// ForDefinition is how long the definition of a workflow or template may take, or
	// another read before a start.
	ForDefinition = 5 * time.Second
	// ForStart is how long a start may take.
	ForStart = minBudget - ForDefinition
	// maxMargin is how long before its client's timeout a call answers; for a timeout
	// under 10 s it is a fifth of that.
	maxMargin = 2 * time.Second
)

// Calls is what all calls of a server share. The zero Calls knows no client's timeout,
// never closes, and counts a reply as delivered when its call returns.
type Calls struct {
	// ClientTimeout is how long clients wait for the answer to a call; 0: it is not
	// known, unless a client is known by its name.
	ClientTimeout time.Duration
	// Closing is closed when the server begins to stop. Nil never closes.
	Closing <-chan struct{}
	// AfterReply registers what runs once the reply to the call of ctx has been written,
	// with whether that worked. It returns false, and registers nothing, where ctx belongs
	// to no transport that reports it; nil does that always.
	AfterReply func(ctx context.Context, run func(delivered bool)) bool
}

// A Call is one tools/call.
type Call struct {
	shared        *Calls
	arrival       time.Time
	clientTimeout time.Duration // 0: not known
	progress      *Progress     // nil: the client did not ask for it
	returned      *hooks        // run when the call returns, without a transport's hook
}

type key struct{}

// From returns the call of a context; of one without, a call that arrived at the zero
// time and has no client.
func From(ctx context.Context) *Call {
	if c, ok := ctx.Value(key{}).(*Call); ok {
		return c
	}
	return &Call{shared: &Calls{}}
}

func (c *Call) in(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, c) }

// Begin bounds a call: it is answered within the longer of wait and 20 s, and 2 s more,
// and before its client gives up. meta is the request's, which may be nil. The returned
// function has to be called when the call returns.
func (s *Calls) Begin(ctx context.Context, meta *mcp.Meta, wait time.Duration) (context.Context, func()) {
	c := &Call{shared: s, arrival: time.Now(), clientTimeout: s.timeoutOf(ctx), returned: &hooks{}}
	c.progress = newProgress(meta, c.arrival)
	budget := max(minBudget, wait) + LastRead
	if c.clientTimeout > 0 {
		budget = min(budget, responseBudget(c.clientTimeout))
	}
	ctx, cancel := context.WithDeadline(c.in(ctx), c.arrival.Add(budget))
	return ctx, func() {
		c.returned.run(ctx.Err() == nil)
		cancel()
	}
}

// ClientTimeout is how long the client waits for the reply; 0: it is not known.
func (c *Call) ClientTimeout() time.Duration { return c.clientTimeout }

// Progress sends the progress of the call; nil where the client did not ask for it.
func (c *Call) Progress() *Progress { return c.progress }

// HasTimeFor reports whether the call of ctx has d left before it has to answer.
func HasTimeFor(ctx context.Context, d time.Duration) bool {
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) >= d
}

// Detach returns a context for work that the server finishes although the call may end:
// it keeps the values and the deadline of ctx, not its cancellation, and lasts at most
// for d.
func Detach(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	until := time.Now().Add(d)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), until)
}
