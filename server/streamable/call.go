package streamable

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// notesBuffer is how many notifications may wait for a slow client before
// further ones are dropped.
const notesBuffer = 100

// call is one POST inside mcp-go: the session that its core sees and the
// writer that its transport answers to.
//
// mcp-go forwards notifications from a goroutine that drops the last one when
// the reply overtakes it. Here the reply waits in settle until every
// notification that was sent before it has been written. The random session id
// keeps one client's request ids apart from another's.
type call struct {
	clientInfo
	message   message
	id        string
	w         http.ResponseWriter
	canStream bool
	upgrade   mcpserver.SessionWithStreamableHTTPConfig // nil in a subscription

	forwarder sync.Once // starts forward, or rules it out
	notes     chan mcp.JSONRPCNotification
	ending    chan struct{} // closed by settle
	forwarded chan struct{} // closed when forward has returned
	end       sync.Once
	streaming bool // the answer has begun as an event stream
	replied   bool // mcp-go has written the reply, or begun it

	missing  atomic.Pointer[string] // a capability that the client lacks
	reworded atomic.Pointer[rewording]
}

// A rewording is the error in place of mcp-go's.
type rewording struct {
	detail mcp.JSONRPCErrorDetails
	modern bool // the revision has HTTP's status tell of errors
}

type callKey struct{}

// callOf returns the call that ctx belongs to, nil over another transport.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

func newCall(w http.ResponseWriter, m message, canStream bool) *call {
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
func (c *call) Reword(ctx context.Context, detail mcp.JSONRPCErrorDetails) {
	c.reworded.Store(&rewording{detail, mcpserver.IsModernRequest(ctx)})
}

// UpgradeToSSEWhenReceiveNotification makes mcp-go send the reply as an event.
func (c *call) UpgradeToSSEWhenReceiveNotification() {
	if c.upgrade != nil {
		c.upgrade.UpgradeToSSEWhenReceiveNotification()
	}
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
	data, err := json.Marshal(note)
	if err != nil || !c.canStream {
		return
	}
	if !c.streaming {
		c.streaming = true
		c.w.Header().Set("Content-Type", mediaStream)
		c.w.WriteHeader(http.StatusOK)
	}
	// A client that is gone ends the call by its context.
	_, _ = c.w.Write(event(data))
	c.Flush()
}

// settle returns when all that was sent before is written and nothing more
// will be. It may be called again.
func (c *call) settle() {
	c.forwarder.Do(func() { close(c.forwarded) })
	c.end.Do(func() { close(c.ending) })
	<-c.forwarded
}

// Header settles, because mcp-go asks for it when it begins its reply.
func (c *call) Header() http.Header {
	c.settle()
	return c.w.Header()
}

// WriteHeader begins the reply, unless notifications began it already.
func (c *call) WriteHeader(status int) {
	c.settle()
	c.replied = true
	if c.streaming {
		return
	}
	if r := c.reworded.Load(); c.missing.Load() != nil || r != nil && r.modern {
		status = http.StatusBadRequest
	}
	c.w.WriteHeader(status)
}

// Write writes the reply, which mcp-go does in one piece, or an error in its place.
func (c *call) Write(p []byte) (int, error) {
	c.settle()
	c.replied = true
	reply := p
	if detail, ok := c.instead(p); ok {
		reply = newRPCError(c.message.id, detail)
		if c.streaming {
			reply = event(reply)
		}
	}
	if _, err := c.w.Write(reply); err != nil {
		return 0, err
	}
	return len(p), nil
}

// instead is the error that takes the place of mcp-go's reply, if one does: it has
// no Go words and nothing of any length that a client sent.
func (c *call) instead(reply []byte) (rpcErrorDetail, bool) {
	if name := c.missing.Load(); name != nil {
		return missingCapability(*name), true
	}
	if r := c.reworded.Load(); r != nil {
		return rpcErrorDetail{Code: r.detail.Code, Message: r.detail.Message, Data: r.detail.Data}, true
	}
	if bytes.Contains(reply, []byte(`"error":{"code":-32600,"message":"unparsable `)) {
		return unparsable(c.message.method), true
	}
	if bytes.Contains(reply, []byte(`"error":{"code":-32601,"message":"Method `)) {
		return rpcErrorDetail{Code: mcp.METHOD_NOT_FOUND, Message: "Method not found: this server has none of this name."}, true
	}
	return rpcErrorDetail{}, false
}

// unparsable is for params that mcp-go cannot decode.
func unparsable(method string) rpcErrorDetail {
	return rpcErrorDetail{
		Code:    codeInvalidRequest,
		Message: "Invalid request: the params of " + method + " have a value of the wrong type, or a number that is out of range.",
	}
}

// missingCapability is what the revision 2026-07-28 prescribes.
func missingCapability(name string) rpcErrorDetail {
	return rpcErrorDetail{
		Code:    mcp.MISSING_REQUIRED_CLIENT_CAPABILITY,
		Message: fmt.Sprintf("This call needs a client with the capability %q.", name),
		Data:    map[string]any{"requiredCapabilities": map[string]any{name: struct{}{}}},
	}
}

// cutShort replies for a call that the stop of the server cancelled, where
// mcp-go writes nothing and net/http would make an empty 200 of it.
func (c *call) cutShort() {
	c.settle()
	const text = "The server stopped before the call ended. What the call began may go on."
	switch {
	case c.replied:
	case c.streaming:
		_, _ = c.w.Write(event(newRPCError(c.message.id, rpcErrorDetail{Code: codeStopped, Message: text})))
	default:
		refuse(c.w, c.message.id, http.StatusServiceUnavailable, codeStopped, text)
	}
}

// Flush sends what was written.
func (c *call) Flush() {
	_ = http.NewResponseController(c.w).Flush()
}

// CanStream says whether the client takes an event stream. Where it does not,
// notifications are dropped and the reply is plain JSON.
func (c *call) CanStream() bool { return c.canStream }

func event(data []byte) []byte {
	return fmt.Appendf(nil, "event: message\ndata: %s\n\n", data)
}
