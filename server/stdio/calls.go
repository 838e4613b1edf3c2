package stdio

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// call is a request that was taken.
type call struct {
	*rpc.Message
	key    string
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing of the call runs any more
}

// calls are the requests that run. A call is pending, and its id in use, until its
// reply is about to be written, the client cancels it or Serve ends it.
type calls struct {
	slots   chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	pending map[string]*call
	closed  bool
}

// open takes m, or says why not. The caller ends the call.
func (cs *calls) open(m *rpc.Message, cancel context.CancelFunc) (*call, *rpc.Error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := &call{Message: m, key: rpc.Key(m.ID), cancel: cancel, done: make(chan struct{})}
	if cs.closed {
		return nil, rpc.ErrStopping
	}
	if cs.pending[c.key] != nil {
		return nil, rpc.ErrIDInUse
	}
	select {
	case cs.slots <- struct{}{}:
	default:
		return nil, rpc.ErrBusy
	}
	cs.running.Add(1)
	cs.pending[c.key] = c
	return c, nil
}

// end frees what c held.
func (cs *calls) end(c *call) {
	c.cancel()
	close(c.done)
	<-cs.slots
	cs.running.Done()
}

func (cs *calls) isPending(c *call) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.pending[c.key] == c
}

// finish reports whether c was pending, which it is no longer.
func (cs *calls) finish(c *call) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	pending := cs.pending[c.key] == c
	if pending {
		delete(cs.pending, c.key)
	}
	return pending
}

// cancel ends the call of that key, if there is one, without a reply.
func (cs *calls) cancel(key string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c := cs.pending[key]; c != nil {
		delete(cs.pending, key)
		c.cancel()
	}
}

// close refuses calls from now on and ends the subscriptions, which are still
// answered. The channel is closed when no call runs.
func (cs *calls) close() (idle <-chan struct{}) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.closed = true
	for _, c := range cs.pending {
		if c.Listens() {
			c.cancel()
		}
	}
	done := make(chan struct{})
	go func() { // ended by the last call; awaited by the caller
		defer close(done)
		cs.running.Wait()
	}()
	return done
}

// cancelAll cancels the pending calls and returns their ids, for the caller to answer.
func (cs *calls) cancelAll() []json.RawMessage {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	ids := make([]json.RawMessage, 0, len(cs.pending))
	for _, c := range cs.pending {
		ids = append(ids, c.ID)
		c.cancel()
	}
	clear(cs.pending)
	return ids
}
