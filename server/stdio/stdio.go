// Package stdio serves one MCP client over a pair of streams, a JSON-RPC
// message a line.
//
// Begin with [Serve]. mcp-go's MCPServer answers the messages; what is here is
// the loop around it: which lines are taken, how many calls run at once, that a
// reply follows its progress and a cancelled call gets none, and how it ends.
package stdio

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// grace is what cancelled calls get, once the drain is over, to return, and the
	// last lines to be written.
	grace = 250 * time.Millisecond
	// replyTime is what a call gets after owned work that took longer than the
	// drain, to look once more and to answer.
	replyTime = 600 * time.Millisecond
)

// Serve answers the messages that it reads from in, one a line, with lines on
// out, and nothing else is ever written there. It returns when in ends, when
// ctx is done or when out fails.
//
// It ends in order: no new call is taken, those that run may finish within the
// drain, the rest are cancelled and answered with an error. That takes 250 ms
// beyond the drain at most. Work that WithDetached names is waited for: calls may
// finish until 600 ms after it. A Read that does not return is left behind.
//
// The error is nil at the end of in and when ctx is done, else it tells what
// broke.
func Serve(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer, opts ...Option) error {
	set, err := newSettings(opts)
	if err != nil {
		return fmt.Errorf("stdio: %w", err)
	}
	output := newOutput(out)
	l := &loop{
		settings: set,
		mcp:      s,
		calls:    newCalls(set.maxPending),
		crew:     newCrew(output.stopped),
		out:      output,
	}
	if err := l.serve(ctx, in); err != nil {
		return fmt.Errorf("stdio: %w", err)
	}
	return nil
}

// loop is one Serve.
type loop struct {
	settings

	mcp   *mcpserver.MCPServer
	calls *calls
	crew  *crew
	out   *output

	asks   asks
	client atomic.Pointer[client] // nil until it has initialized
}

func (l *loop) serve(ctx context.Context, in io.Reader) error {
	calls := context.WithoutCancel(ctx) // which they outlive by the drain

	go l.out.run() // ended by stop, awaited by shutdown
	l.announce(calls)

	// Ended by in alone, which nothing here can interrupt: hence not awaited.
	input := make(chan error, 1)
	go func() { input <- l.read(calls, in) }()

	var err error
	drain := l.drain
	select {
	case err = <-input:
	case <-ctx.Done():
	case <-l.out.done:
		drain = 0 // nobody reads the replies
	}
	l.shutdown(calls, drain)
	if err != nil {
		return err
	}
	return l.out.failure()
}

func (l *loop) shutdown(ctx context.Context, drain time.Duration) {
	idle := l.calls.close()
	l.calls.hangUp() // a client may listen for as long as it likes
	l.closing()
	answered := drain > 0 && l.finish(ctx, idle, drain)
	last, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if !answered {
		wait(last, l.abandon())
		wait(last, idle)
	}
	l.out.stop()
	wait(last, l.out.done)
	l.detached(ctx) // of what nobody is told
}

// finish lets open calls answer and reports whether all have. Their time is the
// drain, or replyTime after owned work, so that whoever waits for that is told what
// came of it.
func (l *loop) finish(ctx context.Context, idle <-chan struct{}, drain time.Duration) bool {
	begun := time.Now()
	if l.waitOwned(ctx) {
		drain = max(drain-time.Since(begun), replyTime)
	}
	answered := waitFor(ctx, drain, idle)
	if !answered && l.waitOwned(ctx) { // it began while the calls drained
		answered = waitFor(ctx, replyTime, idle)
	}
	return answered
}

// waitOwned waits for owned work and reports whether there was any.
func (l *loop) waitOwned(ctx context.Context) bool { return l.detached(ctx) }

// abandon cancels the calls that are still open and answers them. The channel
// is closed when it is done.
func (l *loop) abandon() <-chan struct{} {
	open := l.calls.abandon() // first, for a client that does not read
	done := make(chan struct{})
	// Ended by the end of out at the latest; awaited by shutdown.
	go func() {
		defer close(done)
		for _, id := range open {
			l.refuse(id, errClosing)
		}
	}()
	return done
}

// waitFor is wait for at most d.
func waitFor(ctx context.Context, d time.Duration, done <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return wait(ctx, done)
}

// wait reports whether done was closed before ctx ended.
func wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}
