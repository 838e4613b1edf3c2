package streamable

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// endpoint hands each message to mcp-go, as a call of its own.
type endpoint struct {
	server    *mcpserver.MCPServer
	transport *mcpserver.StreamableHTTPServer
}

func newEndpoint(s *mcpserver.MCPServer, log *slog.Logger) *endpoint {
	e := &endpoint{server: s}
	e.transport = mcpserver.NewStreamableHTTPServer(
		s,
		mcpserver.WithStateLess(true),
		// Without a session every listener would hear everybody's notifications.
		mcpserver.WithDisableStreaming(true),
		mcpserver.WithStreamableHTTPLogger(log),
		mcpserver.WithHTTPContextFunc(e.enterCall),
	)
	s.Use(noteMissingCapability)
	return e
}

// ServeHTTP passes on the body that was read and the headers that MCP defines;
// mcp-go's own checks of Host, Origin and CORS are those of this package.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := messageOf(r.Context())
	ctx, cancel := lifetime(r.Context(), m)
	defer cancel()

	c := newCall(w, m, accepts(r, mediaStream))
	defer c.settle()
	e.transport.Handle(c, &mcpserver.HTTPRequest{
		Method:  http.MethodPost,
		Header:  protocolHeaders(r.Header),
		Body:    m.body,
		Context: context.WithValue(ctx, callKey{}, c),
	})
	if errors.Is(context.Cause(r.Context()), errStopped) {
		c.cutShort()
	}
}

// lifetime is the request's context. A subscription's ends when the stop
// begins: it would hold up the stop for as long as the client listens.
func lifetime(ctx context.Context, m message) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if m.method != string(mcp.MethodSubscriptionsListen) {
		return ctx, cancel
	}
	unhook := context.AfterFunc(closingOf(ctx), cancel)
	return ctx, func() { unhook(); cancel() }
}

// protocolHeaders are the headers that MCP and tracing define. The key, the
// session ids and whatever else a client sends never reach a tool.
func protocolHeaders(in http.Header) http.Header {
	out := make(http.Header)
	for name, values := range in {
		if isProtocolHeader(name) {
			out[name] = values
		}
	}
	return out
}

func isProtocolHeader(name string) bool {
	switch name {
	case "Content-Type", "Accept", "Traceparent", "Tracestate":
		return true
	case mcp.HeaderSessionID:
		// Stateless: a client's word for a session is a way into another's.
		return false
	}
	return strings.HasPrefix(name, "Mcp-")
}

// enterCall makes the call the session that mcp-go's core sees.
func (e *endpoint) enterCall(ctx context.Context, _ *http.Request) context.Context {
	c := callOf(ctx)
	if c == nil {
		return ctx
	}
	own, _ := mcpserver.ClientSessionFromContext(ctx).(ownSession)
	if c.message.method == string(mcp.MethodSubscriptionsListen) {
		return e.server.WithContext(ctx, &subscription{ownSession: own, call: c})
	}
	c.upgrade = own
	return e.server.WithContext(ctx, c)
}

// ownSession is the session that mcp-go makes of a request.
type ownSession interface {
	mcpserver.SessionWithStreamableHTTPConfig
	mcpserver.SessionWithSubscriptionFilter
}

// subscription is the session of a subscriptions/listen: mcp-go's own, since
// broadcasts are addressed to that one. But a subscription to nothing is
// acknowledged and answered at once, and mcp-go may lose the acknowledgement on
// its way; that one goes by the call.
type subscription struct {
	ownSession
	call  *call
	empty bool
}

// SetSubscriptionFilter is called before the acknowledgement.
func (s *subscription) SetSubscriptionFilter(filter mcp.SubscriptionFilter) {
	s.empty = filter.IsEmpty()
	s.ownSession.SetSubscriptionFilter(filter)
}

// NotificationChannel is the call's where nothing but the acknowledgement follows.
func (s *subscription) NotificationChannel() chan<- mcp.JSONRPCNotification {
	if s.empty {
		return s.call.NotificationChannel()
	}
	return s.ownSession.NotificationChannel()
}

// noteMissingCapability remembers that a handler asked for a capability that
// the client did not declare. mcp-go would answer -32603 with HTTP 200; the
// revision 2026-07-28 has -32021 with 400, which the call then writes.
func noteMissingCapability(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result, err := next(ctx, req)
		var missing mcp.MissingRequiredClientCapabilityError
		if c := callOf(ctx); c != nil && mcpserver.IsModernRequest(ctx) && errors.As(err, &missing) {
			c.missing.Store(&missing.Capability)
		}
		return result, err
	}
}
