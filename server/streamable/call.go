package streamable

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
)

// notesBuffer is how many notifications may wait for a slow client before
// further ones are dropped.
const notesBuffer = 100

// call is one POST inside mcp-go: the session that its core sees, and what its
// notifications and its reply are written by.
//
// Notifications are written by a goroutine; the reply waits in settle until every
// notification that was sent before it has been written. The random session id
// keeps one client's request ids apart from another's.
type call struct {
	clientInfo
	message   *message
	id        string
	w         http.ResponseWriter
	canStream bool // the client takes an event stream

	forwarder sync.Once // starts forward, or rules it out
	notes     chan mcp.JSONRPCNotification
	ending    chan struct{} // closed by settle
	forwarded chan struct{} // closed when forward has returned
	end       sync.Once
	streaming bool // the answer has begun as an event stream

	reworded atomic.Pointer[mcp.JSONRPCErrorDetails] // the error in place of mcp-go's
}

func newCall(w http.ResponseWriter, m *message, canStream bool) *call {
	return &call{
		message:   m,
		id:        rand.Text(),
		w:         w,
		canStream: canStream,
		ending:    make(chan struct{}),
		forwarded: make(chan struct{}),
	}
}

// Initialize does nothing: a call is ready from the start.
func (c *call) Initialize() {}

// Initialized is always true.
func (c *call) Initialized() bool { return true }

// SessionID is random and unique to the call.
func (c *call) SessionID() string { return c.id }

// Reword has the reply carry this error in place of mcp-go's.
func (c *call) Reword(_ context.Context, detail mcp.JSONRPCErrorDetails) {
	c.reworded.Store(&detail)
}

// NotificationChannel takes what the handler has to say before its reply. The
// first use makes it and starts the forwarder, which settle ends and waits for;
// after settle it is nil, and mcp-go drops what it has to send.
func (c *call) NotificationChannel() chan<- mcp.JSONRPCNotification {
	c.forwarder.Do(func() {
		c.notes = make(chan mcp.JSONRPCNotification, notesBuffer)
		go c.forward()
	})
	return c.notes
}

func (c *call) forward() {
	defer close(c.forwarded)
	for {
		select {
		case note := <-c.notes:
			c.writeNote(note)
		case <-c.ending:
			c.drain()
			return
		}
	}
}

func (c *call) drain() {
	for {
		select {
		case note := <-c.notes:
			c.writeNote(note)
		default:
			return
		}
	}
}

func (c *call) writeNote(note mcp.JSONRPCNotification) {
	if c.message.listens() {
		note = tagged(note, c.message.id)
	}
	data, err := json.Marshal(note)
	if err != nil || !c.canStream {
		return
	}
	if !c.streaming {
		c.streaming = true
		c.w.Header().Set("Content-Type", mediaStream)
		c.w.WriteHeader(http.StatusOK)
	}
	c.writeEvent(data)
}

// writeEvent sends what a client that is gone will not get: that ends the call by
// its context.
func (c *call) writeEvent(data []byte) {
	_, _ = fmt.Fprintf(c.w, "event: message\ndata: %s\n\n", data)
	_ = http.NewResponseController(c.w).Flush()
}

// settle returns when all that was sent before is written and nothing more
// will be. It may be called again.
func (c *call) settle() {
	c.forwarder.Do(func() { close(c.forwarded) })
	c.end.Do(func() { close(c.ending) })
	<-c.forwarded
}

// reply writes the core's reply, with the id as the client sent it: mcp-go makes a
// float64 of a number.
func (c *call) reply(m mcp.JSONRPCMessage) {
	status := http.StatusOK
	switch r := m.(type) {
	case mcp.JSONRPCResponse:
		r.ID = mcp.NewRequestId(c.message.id)
		if last, ok := r.Result.(mcp.SubscriptionsListenResult); ok {
			last.Meta.SetSubscriptionID(c.message.id)
		}
		m = r
	case mcp.JSONRPCError:
		r.ID = mcp.NewRequestId(c.message.id)
		r.Error = c.inOurWords(r.Error)
		switch {
		case c.message.id == nil: // nobody waits for the reply, so the status has to tell
			status = http.StatusBadRequest
		case c.message.modern:
			status = statusOf(r.Error.Code)
		}
		m = r
	}
	body, err := json.Marshal(m)
	if err != nil {
		body = newRPCError(c.message.id, mcp.JSONRPCErrorDetails{Code: codeInternal, Message: "Internal error: the result is no JSON."})
	}
	c.write(status, body)
}

// write writes a reply of JSON, as the last event if there were others.
func (c *call) write(status int, body []byte) {
	if c.streaming {
		c.writeEvent(body)
		return
	}
	c.w.Header().Set("Content-Type", mediaJSON)
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

// inOurWords is the error as it is sent: it has no Go words and nothing of any
// length that a client sent.
func (c *call) inOurWords(e mcp.JSONRPCErrorDetails) mcp.JSONRPCErrorDetails {
	switch own := c.reworded.Load(); {
	case own != nil:
		return *own
	case e.Code == codeInvalidRequest && strings.HasPrefix(e.Message, "unparsable "):
		e.Message = "Invalid request: the params of " + c.message.method + " have a value of the wrong type, or a number that is out of range."
	case e.Code == mcp.METHOD_NOT_FOUND && strings.HasPrefix(e.Message, "Method "):
		e.Message = "Method not found: this server has none of this name."
	}
	return e
}

// missingCapability is what the revision 2026-07-28 prescribes.
func missingCapability(name string) mcp.JSONRPCErrorDetails {
	return mcp.JSONRPCErrorDetails{
		Code:    mcp.MISSING_REQUIRED_CLIENT_CAPABILITY,
		Message: fmt.Sprintf("This call needs a client with the capability %q.", name),
		Data:    map[string]any{"requiredCapabilities": map[string]any{name: struct{}{}}},
	}
}

// cutShort replies for a call that the stop of the server cancelled.
func (c *call) cutShort() {
	const text = "The server stopped before the call ended. What the call began may go on."
	c.write(http.StatusServiceUnavailable, newRPCError(c.message.id, mcp.JSONRPCErrorDetails{Code: codeStopped, Message: text}))
}
