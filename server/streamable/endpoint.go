package streamable

import (
	"context"
	"errors"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// endpoint hands each message to mcp-go's core, as a call of its own. mcp-go's own
// transport is left out: it makes a session with 9 KB of channels and a goroutine
// for each request, which a server that holds a thousand waits has to pay for, and
// its notifications can be overtaken by the reply.
type endpoint struct {
	server *mcpserver.MCPServer
}

func newEndpoint(s *mcpserver.MCPServer) *endpoint {
	s.Use(noteMissingCapability)
	return &endpoint{server: s}
}

// ServeHTTP answers with the reply of the core, as an event where notifications
// came before it.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall(w, messageOf(r.Context()), accepts(r, mediaStream))
	defer c.settle()
	reply := e.handle(r.Context(), c)
	c.settle()
	switch _, failed := reply.(mcp.JSONRPCError); {
	case errors.Is(context.Cause(r.Context()), errStopped):
		if reply == nil || failed {
			c.cutShort()
			return
		}
		c.reply(reply) // may name a run that was paid for
	case r.Context().Err() != nil: // nobody is there to be answered
	case reply == nil:
		w.WriteHeader(http.StatusAccepted)
	default:
		c.reply(reply)
	}
}

// handle returns the core's reply; nil for a notification.
func (e *endpoint) handle(ctx context.Context, c *call) mcp.JSONRPCMessage {
	body := c.message.body
	c.message.body = nil // a wait does not need it, and the core drops it once it is decoded
	if !c.message.listens() {
		return e.server.HandleMessage(e.server.WithContext(ctx, c), body)
	}
	ctx, cancel := untilClosing(ctx)
	defer cancel()
	s := &subscription{call: c}
	if err := e.server.RegisterSession(ctx, s); err != nil { // its id is random
		return mcp.NewJSONRPCError(mcp.NewRequestId(c.message.id), codeInternal, "Internal error.", nil)
	}
	defer e.server.UnregisterSession(ctx, s.id)
	return e.server.HandleMessage(e.server.WithContext(ctx, s), body)
}

// untilClosing ends a subscription when the stop begins: it would hold that up for
// as long as the client listens.
func untilClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(closingOf(ctx), cancel)
	return ctx, func() { unhook(); cancel() }
}

// noteMissingCapability remembers that a handler asked for a capability that
// the client did not declare. mcp-go would answer -32603 with HTTP 200; the
// revision 2026-07-28 has -32021 with 400.
func noteMissingCapability(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result, err := next(ctx, req)
		var missing mcp.MissingRequiredClientCapabilityError
		c, ok := mcpserver.ClientSessionFromContext(ctx).(*call)
		if ok && mcpserver.IsModernRequest(ctx) && errors.As(err, &missing) {
			c.Reword(ctx, missingCapability(missing.Capability))
		}
		return result, err
	}
}
