package stdio

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// call is a request that was taken.
type call struct {
	message
	key    string
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing of the call runs any more
}

// calls are the requests that run. Those that are still owed a reply have their
// id taken: it is owed until it is written, the client cancels the call, or
// Serve gives it up.
type calls struct {
	slots   chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	owed   map[string]*call
	closed bool
}

func newCalls(limit int) *calls {
	return &calls{slots: make(chan struct{}, limit), owed: map[string]*call{}}
}

// open takes m, or says why not. Whoever opens a call ends it.
func (cs *calls) open(m message, cancel context.CancelFunc) (*call, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := &call{message: m, key: key(m.ID), cancel: cancel, done: make(chan struct{})}
	if cs.closed {
		return nil, errClosing
	}
	if cs.owed[c.key] != nil {
		return nil, errDuplicate
	}
	select {
	case cs.slots <- struct{}{}:
	default:
		return nil, errBusy
	}
	cs.running.Add(1)
	cs.owed[c.key] = c
	return c, nil
}

// end frees what c held, but for its id, which is taken until the reply is
// written.
func (cs *calls) end(c *call) {
	c.cancel()
	close(c.done)
	<-cs.slots
	cs.running.Done()
}

// owes reports whether c's reply is still to be written.
func (cs *calls) owes(c *call) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.owed[c.key] == c
}

// settle reports what owes does, and the reply is owed no longer.
func (cs *calls) settle(c *call) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	owed := cs.owed[c.key] == c
	if owed {
		delete(cs.owed, c.key)
	}
	return owed
}

// cancel ends the call of that id, if there is one, without a reply.
func (cs *calls) cancel(key string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c := cs.owed[key]; c != nil {
		delete(cs.owed, key)
		c.cancel()
	}
}

// hangUp ends the subscriptions, which are still owed their reply.
func (cs *calls) hangUp() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.owed {
		if c.Method == string(mcp.MethodSubscriptionsListen) {
			c.cancel()
		}
	}
}

// close refuses calls from now on. The channel is closed when none runs.
func (cs *calls) close() (idle <-chan struct{}) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.closed = true
	done := make(chan struct{})
	// Ended by the last call; awaited by whoever closed.
	go func() {
		defer close(done)
		cs.running.Wait()
	}()
	return done
}

// abandon cancels the calls that are owed a reply and returns their ids: the
// replies are now the caller's to write.
func (cs *calls) abandon() []json.RawMessage {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	ids := make([]json.RawMessage, 0, len(cs.owed))
	for _, c := range cs.owed {
		ids = append(ids, c.ID)
		c.cancel()
	}
	clear(cs.owed)
	return ids
}
