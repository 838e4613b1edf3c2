package streamable

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// endpoint hands each message to mcp-go's core. mcp-go's own transport takes 9 KB and a
// goroutine for each request, and lets replies overtake notifications.
type endpoint struct{ server *mcpserver.MCPServer }

// ServeHTTP answers with the reply of the core, as an event where notifications came
// before it.
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	delivered := false
	ctx, reply := serviceOf(r.Context()).replies.Begin(r.Context())
	defer func() { reply.Finish(delivered) }()

	m := messageOf(ctx)
	c := &call{message: m, w: w, canStream: accepts(r, mediaStream)}
	session := rpc.NewSession(m, rpc.Client{}, c.notify)
	defer session.Flush()
	answer := e.handle(ctx, session, m)
	session.Flush()
	delivered = c.answer(ctx, session, answer)
}

// handle returns the core's reply; nil for a notification. A stop ends a subscription
// at once, since it lasts for as long as the client listens.
func (e endpoint) handle(ctx context.Context, session *rpc.Session, m *rpc.Message) mcp.JSONRPCMessage {
	if m.Listens() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(serviceOf(ctx).closing, cancel)()
	}
	return session.Handle(ctx, e.server, nil)
}

// call writes the answer to one POST. Its reply comes after Session.Flush.
type call struct {
	message   *rpc.Message
	w         http.ResponseWriter
	canStream bool // the client takes an event stream
	streaming bool // the answer has begun as an event stream
}

func (c *call) notify(notification []byte) {
	if !c.canStream {
		return
	}
	if !c.streaming {
		c.streaming = true
		c.w.Header().Set("Content-Type", mediaStream)
		c.w.WriteHeader(http.StatusOK)
	}
	c.writeEvent(notification) // a client that has gone ends the call by its context
}

// answer writes the reply, if any, and reports whether the client has got all of it.
func (c *call) answer(ctx context.Context, session *rpc.Session, reply mcp.JSONRPCMessage) (delivered bool) {
	stopped := errors.Is(context.Cause(ctx), errStopped)
	if ctx.Err() != nil && !stopped {
		return false
	}
	_, failed := reply.(mcp.JSONRPCError)
	switch {
	case stopped && (reply == nil || failed): // another result may name a run that was paid for
		c.write(http.StatusServiceUnavailable, errInterrupted.Reply(c.message.ID))
		return false
	case reply == nil:
		c.w.WriteHeader(http.StatusAccepted)
		return false
	}
	body, rpcErr := session.Encode(reply)
	written := c.write(c.status(rpcErr), body)
	return written && rpcErr != rpc.ErrInternal && (stopped || ctx.Err() == nil)
}

// status is the HTTP status of a reply. The revision 2026-07-28 has one for each
// error, for programs between client and server that do not read the body.
func (c *call) status(rpcErr *rpc.Error) int {
	switch {
	case rpcErr == nil:
		return http.StatusOK
	case c.message.ID == nil: // the client reads no reply to a notification
		return http.StatusBadRequest
	case c.message.IsModern():
		return statusOf(rpcErr.Code)
	}
	return http.StatusOK
}

// write writes a reply of JSON, as the last event if there were others. It reports
// whether all of it has left this process: net/http would keep it in a buffer.
func (c *call) write(status int, body []byte) bool {
	if c.streaming {
		return c.writeEvent(body)
	}
	c.w.Header().Set("Content-Type", mediaJSON)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, err := c.w.Write(body)
	return err == nil && http.NewResponseController(c.w).Flush() == nil
}

func (c *call) writeEvent(data []byte) bool {
	_, err := fmt.Fprintf(c.w, "event: message\ndata: %s\n\n", data)
	return err == nil && http.NewResponseController(c.w).Flush() == nil
}
