package rpc

import (
	"context"
	"sync"
	"time"
)

// callbackTimeout is how long a stop waits for callbacks of AfterReply.
const callbackTimeout = time.Second

type replyKey struct{}

// AfterReply registers f to run once, after the last byte of the reply to ctx's
// request has been written, with true; or with false once it is known that the reply
// will not be written as a whole: the request was cancelled, the client has gone, the
// write failed, the handler panicked or the server stopped. f runs before the
// server's stop ends, on a goroutine that holds up no other reply; the stop waits one
// second for it. Where the outcome is known already, f runs at once.
//
// AfterReply returns false, and f never runs, where ctx belongs to no request of a
// transport.
func AfterReply(ctx context.Context, f func(delivered bool)) bool {
	r, ok := ctx.Value(replyKey{}).(*Reply)
	if ok {
		r.after(f)
	}
	return ok
}

// Discard records that the reply to ctx's request will not be what its handler meant
// to answer, so that it counts as not delivered.
func Discard(ctx context.Context) {
	if r, ok := ctx.Value(replyKey{}).(*Reply); ok {
		r.Finish(false)
	}
}

// Reply is the delivery of the reply to one request.
type Reply struct {
	replies *Replies

	mu                  sync.Mutex
	finished, delivered bool
	callbacks           []func(delivered bool)
}

func (r *Reply) after(f func(delivered bool)) {
	r.mu.Lock()
	finished, delivered := r.finished, r.delivered
	if !finished {
		r.callbacks = append(r.callbacks, f)
	}
	r.mu.Unlock()
	if finished {
		f(delivered)
	}
}

// Finish runs what was registered. Only the first call counts.
func (r *Reply) Finish(delivered bool) {
	r.mu.Lock()
	if r.finished {
		r.mu.Unlock()
		return
	}
	r.finished, r.delivered = true, delivered
	callbacks := r.callbacks
	r.callbacks = nil
	r.mu.Unlock()
	defer r.replies.end(r)
	for _, f := range callbacks {
		f(delivered)
	}
}

// Replies are the replies of one server that are not finished yet. The zero value is
// ready to use.
type Replies struct {
	mu      sync.Mutex
	pending map[*Reply]struct{}
	idle    chan struct{} // closed when the last of pending finishes; nil before Close
}

// Begin returns ctx with a reply that AfterReply finds. The caller finishes it.
func (rs *Replies) Begin(ctx context.Context) (context.Context, *Reply) {
	r := &Reply{replies: rs}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.pending == nil {
		rs.pending = map[*Reply]struct{}{}
	}
	rs.pending[r] = struct{}{}
	return context.WithValue(ctx, replyKey{}, r), r
}

func (rs *Replies) end(r *Reply) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(rs.pending, r)
	if rs.idle != nil && len(rs.pending) == 0 {
		close(rs.idle)
		rs.idle = nil
	}
}

// Close finishes every pending reply as not delivered, and waits until all that was
// registered has run: one second, or until ctx ends. It is called once, when nothing
// more is written.
func (rs *Replies) Close(ctx context.Context) {
	rs.mu.Lock()
	if len(rs.pending) == 0 {
		rs.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	rs.idle = idle
	for r := range rs.pending {
		go r.Finish(false) // ends with its callbacks; awaited through idle
	}
	rs.mu.Unlock()
	waitFor(ctx, callbackTimeout, idle)
}
