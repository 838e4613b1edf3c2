// Package stdio serves one MCP client over a pair of streams, a JSON-RPC message a
// line.
//
// Begin with [Serve]. mcp-go's MCPServer answers the messages; what is here is the
// loop around it: which lines are taken, how many calls run at once, that a reply
// follows its progress and a cancelled call gets none, and how it ends. The package
// knows nothing of the tools.
package stdio

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	// grace is what cancelled calls get after the drain, to return and to be answered.
	grace = 250 * time.Millisecond
	// cancelTimeout is how long a client that does not read holds up the end of a
	// request that the server cancels. It leaves the call time to end within grace.
	cancelTimeout = grace / 2

	maxLine    = 4 << 20 // bytes of one message
	maxPending = 1024    // requests that are not answered yet
)

// Option changes what Serve does by default.
type Option func(*settings)

type settings struct {
	logger     *slog.Logger
	maxLine    int
	maxPending int
	closing    func()
	detached   rpc.Detached
}

// WithLogger sends what goes wrong to logger. By default it is dropped.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logger = logger }
}

// WithClosing makes Serve call closing once when it begins to end, so that calls which
// only wait can answer at once. closing must return at once.
func WithClosing(closing func()) Option {
	return func(s *settings) { s.closing = closing }
}

// WithDetached makes Serve wait for work that outlives the call which began it.
// Serve calls wait before it cancels the calls that are open, so that they can
// report the work, and once more at the end. wait reports whether there was work.
// Its context has the values of Serve's and lasts for [rpc.DetachedTimeout].
func WithDetached(wait func(context.Context) bool) Option {
	return func(s *settings) { s.detached = wait }
}

// Serve answers the messages that it reads from in, one a line of at most 4 MiB, with
// lines on out, and writes nothing else there. It takes 1,024 requests at a time. It
// returns when in ends, when ctx is done or when out fails.
//
// It ends in order: no new call is taken, those that run may finish within
// [rpc.DrainTimeout], the rest are cancelled and answered with an error within 250 ms.
// After work that WithDetached names, calls may finish within [rpc.ReplyTimeout]. What
// calls have registered with [rpc.AfterReply] has run then. A Read or a Write that
// does not return is left behind.
//
// The error is nil at the end of in and when ctx is done.
func Serve(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer, opts ...Option) error {
	set := settings{logger: slog.New(slog.DiscardHandler), maxLine: maxLine, maxPending: maxPending, closing: func() {}}
	for _, opt := range opts {
		opt(&set)
	}
	output := newOutput(out)
	l := &loop{
		settings: set,
		mcp:      s,
		calls:    &calls{slots: make(chan struct{}, set.maxPending), pending: map[string]*call{}},
		workers:  newWorkerPool(output.stopped),
		out:      output,
		requests: requests{open: map[string]chan *rpc.Message{}},
	}
	if err := l.serve(ctx, in); err != nil {
		return fmt.Errorf("stdio: %w", err)
	}
	return nil
}

// loop is one Serve.
type loop struct {
	settings

	mcp     *mcpserver.MCPServer
	calls   *calls
	workers *workerPool
	out     *output

	replies  rpc.Replies
	requests requests
	client   atomic.Pointer[rpc.Client] // nil until it has initialized
}

func (l *loop) serve(ctx context.Context, in io.Reader) error {
	calls := context.WithoutCancel(ctx) // which outlive ctx by the drain
	l.broadcast(calls)

	// Ended by in alone, which nothing here can interrupt: hence not awaited.
	input := make(chan error, 1)
	go func() { input <- l.read(calls, in) }()

	var err error
	select {
	case err = <-input:
	case <-ctx.Done():
	case <-l.out.stopped: // a Write failed
	}
	l.shutdown(calls)
	if err != nil {
		return err
	}
	return l.out.err()
}

func (l *loop) shutdown(ctx context.Context) {
	idle := l.calls.close()
	l.closing()
	// Nothing can be answered on an output that has failed.
	answered := !l.out.isStopped() && rpc.Drain(ctx, rpc.DrainTimeout, idle, l.detached)
	last, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if !answered {
		wait(last, l.cancelCalls(last))
		wait(last, idle)
	}
	l.out.close(last)
	l.replies.Close(ctx)
	l.detached.Wait(ctx) // for what no call reports
}

// cancelCalls cancels the open calls and answers them, and then closes the channel.
func (l *loop) cancelCalls(ctx context.Context) <-chan struct{} {
	open := l.calls.cancelAll() // first, for a client that does not read
	done := make(chan struct{})
	go func() { // ended by the output at the latest; awaited by shutdown
		defer close(done)
		for _, id := range open {
			l.refuse(ctx, id, rpc.ErrStopping)
		}
	}()
	return done
}

func wait(ctx context.Context, done <-chan struct{}) {
	select {
	case <-done:
	case <-ctx.Done():
	}
}
