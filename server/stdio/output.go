package stdio

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// output writes lines one after the other. It keeps none: a sender waits until
// its line is being written, so a client that does not read holds up senders
// instead of filling memory.
type output struct {
	w       io.Writer
	queue   chan outgoing
	stop    func()
	stopped chan struct{} // closed by stop: nothing more is taken
	done    chan struct{} // closed by run: nothing more is written
	err     error         // why run ended; to be read after done
}

// outgoing is a line and whether, when its turn comes, it is still due.
type outgoing struct {
	text []byte
	due  func() bool
}

func always() bool { return true }

func newOutput(w io.Writer) *output {
	stopped := make(chan struct{})
	return &output{
		w:       w,
		queue:   make(chan outgoing),
		stop:    sync.OnceFunc(func() { close(stopped) }),
		stopped: stopped,
		done:    make(chan struct{}),
	}
}

// run writes until stop is called or a write fails.
func (o *output) run() {
	defer close(o.done)
	defer o.stop()
	for {
		select {
		case next := <-o.queue:
			if err := o.write(next); err != nil {
				o.err = fmt.Errorf("write: %w", err)
				return
			}
		case <-o.stopped:
			return
		}
	}
}

func (o *output) write(next outgoing) error {
	if !next.due() {
		return nil
	}
	_, err := o.w.Write(append(next.text, '\n'))
	return err
}

// send returns once text is about to be written, if it is due then, or once
// nothing is written any more. Whoever sends twice is written in that order.
func (o *output) send(text []byte, due func() bool) {
	select {
	case o.queue <- outgoing{text, due}:
	case <-o.stopped:
	}
}

// offer is send for as long as ctx lasts. It reports whether text has been taken.
func (o *output) offer(ctx context.Context, text []byte, due func() bool) bool {
	select {
	case o.queue <- outgoing{text, due}:
		return true
	case <-ctx.Done():
	case <-o.stopped:
	}
	return false
}

// failure is the write that failed, if one did.
func (o *output) failure() error {
	select {
	case <-o.done:
		return o.err
	default:
		return nil
	}
}
