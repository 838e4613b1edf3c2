package stdio

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// output writes lines one after the other. It keeps none: a sender waits for its
// turn, so a client that does not read holds up senders instead of filling memory.
type output struct {
	w       io.Writer
	turn    chan struct{} // full while a line is written
	stop    func()
	stopped chan struct{} // closed by stop: no further line is written
	failure atomic.Pointer[error]
}

func newOutput(w io.Writer) *output {
	stopped := make(chan struct{})
	return &output{
		w: w, turn: make(chan struct{}, 1), stopped: stopped,
		stop: sync.OnceFunc(func() { close(stopped) }),
	}
}

// send writes text in its turn, if pending still reports true then; nil stands for
// always. It reports whether all of the line was written. A Write that fails stops the
// output. Two lines of one sender keep their order.
func (o *output) send(ctx context.Context, text []byte, pending func() bool) bool {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return false
	case <-o.stopped:
		return false
	}
	if o.isStopped() || pending != nil && !pending() {
		return false
	}
	if _, err := o.w.Write(append(text, '\n')); err != nil {
		err = fmt.Errorf("write: %w", err)
		o.failure.Store(&err)
		o.stop()
		return false
	}
	return true
}

// sendWithin is send, but it returns when ctx ends, even while the line is written.
func (o *output) sendWithin(ctx context.Context, text []byte, pending func() bool) bool {
	sent := make(chan bool, 1)
	go func() { sent <- o.send(ctx, text, pending) }() // ends with its Write
	select {
	case ok := <-sent:
		return ok
	case <-ctx.Done():
		return false
	}
}

func (o *output) isStopped() bool {
	select {
	case <-o.stopped:
		return true
	default:
		return false
	}
}

// close stops the output and waits for the line that is being written, until ctx ends.
func (o *output) close(ctx context.Context) {
	o.stop()
	select {
	case o.turn <- struct{}{}:
	case <-ctx.Done():
	}
}

// err is the Write that failed, if one did.
func (o *output) err() error {
	if err := o.failure.Load(); err != nil {
		return *err
	}
	return nil
}
