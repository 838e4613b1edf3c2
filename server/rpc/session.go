package rpc

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// maxNotifications is how many of one request may wait; further ones are dropped.
	maxNotifications = 100
	// maxRequestID is how many bytes of a request's id go to the log.
	maxRequestID = 64
)

// Elicit asks the client's user and waits for the answer.
type Elicit func(context.Context, mcp.ElicitationParams) (*mcp.ElicitationResult, error)

// Client is what a client has said of itself: when it initialized, or, from the
// revision 2026-07-28 on, in the one request.
type Client struct {
	Info         mcp.Implementation
	Capabilities mcp.ClientCapabilities
}

// Session is what mcp-go sees of the client during one request. Each request has its
// own, so its notifications are written before its reply and into no other's stream.
type Session struct {
	message *Message
	id      string // random: notifications are addressed by it
	send    func(notification []byte)

	start           sync.Once // starts forward, or rules it out
	notifications   chan mcp.JSONRPCNotification
	flush           sync.Once // closes closing
	closing, closed chan struct{}

	mu       sync.Mutex
	client   Client
	rpcError *Error // in place of mcp-go's; nil: mcp-go's
}

// NewSession returns the session of m. Its notifications go to send, one at a time,
// until Flush returns. The caller flushes it.
func NewSession(m *Message, known Client, send func(notification []byte)) *Session {
	return &Session{
		message: m, id: rand.Text(), send: send, client: known,
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
}

// Handle returns mcp-go's reply to the session's message, nil for a notification. A
// subscription lasts until ctx ends. elicit may be nil: then tools cannot ask.
func (s *Session) Handle(ctx context.Context, server *mcpserver.MCPServer, elicit Elicit) mcp.JSONRPCMessage {
	text := s.message.Text
	s.message.Text, s.message.Params = nil, nil // a wait does not need them
	var session mcpserver.ClientSession = s
	switch {
	case s.message.Listens():
		session = &subscription{Session: s}
		if err := server.RegisterSession(ctx, session); err != nil {
			return ErrInternal.message(s.message.ID) // the random id is taken, which it is not
		}
		defer server.UnregisterSession(ctx, s.id)
	case elicit != nil:
		session = &elicitingSession{s, elicit}
	}
	return server.HandleMessage(server.WithContext(ctx, session), text)
}

// Encode returns a reply of mcp-go as it is sent, and its error if it is one. The id
// is written as the client sent it, which mcp-go makes a float64 of.
func (s *Session) Encode(reply mcp.JSONRPCMessage) ([]byte, *Error) {
	id := s.message.ID
	switch r := reply.(type) {
	case mcp.JSONRPCResponse:
		r.ID = mcp.NewRequestId(id)
		if last, ok := r.Result.(mcp.SubscriptionsListenResult); ok {
			last.Meta.SetSubscriptionID(id)
		}
		text, err := json.Marshal(r)
		if err != nil {
			return ErrInternal.Reply(id), ErrInternal
		}
		return text, nil
	case mcp.JSONRPCError:
		rpcErr := s.error()
		if rpcErr == nil {
			rpcErr = plain(r.Error)
		}
		return rpcErr.Reply(id), rpcErr
	}
	return ErrInternal.Reply(id), ErrInternal
}

// SetError makes the reply carry rpcErr where mcp-go answers with an error of its own.
func (s *Session) SetError(rpcErr *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rpcError = rpcErr
}

func (s *Session) error() *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rpcError
}

// RequestID is the request's id for the log, at most 64 bytes of it.
func (s *Session) RequestID() string {
	return string(s.message.ID[:min(len(s.message.ID), maxRequestID)])
}

// SessionID is random and unique to the request.
func (s *Session) SessionID() string { return s.id }

// Initialize does nothing: a session is ready from the start.
func (s *Session) Initialize() {}

// Initialized is always true.
func (s *Session) Initialized() bool { return true }

// Client returns what is known of the client.
func (s *Session) Client() Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client
}

// GetClientInfo returns the client's name and version, empty if it said none.
func (s *Session) GetClientInfo() mcp.Implementation { return s.Client().Info }

// SetClientInfo is called before a handler runs.
func (s *Session) SetClientInfo(info mcp.Implementation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client.Info = info
}

// GetClientCapabilities returns what the client can do.
func (s *Session) GetClientCapabilities() mcp.ClientCapabilities { return s.Client().Capabilities }

// SetClientCapabilities is called before a handler runs.
func (s *Session) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client.Capabilities = capabilities
}

// NotificationChannel takes the notifications that precede the reply. The first use
// makes it, since most requests send none. After Flush it is nil, and mcp-go drops
// what it has.
func (s *Session) NotificationChannel() chan<- mcp.JSONRPCNotification {
	s.start.Do(func() {
		s.notifications = make(chan mcp.JSONRPCNotification, maxNotifications)
		go s.forward() // ended and awaited by Flush
	})
	return s.notifications
}

// Flush returns when every notification has been passed on. What comes later is
// dropped. It may be called again.
func (s *Session) Flush() {
	s.start.Do(func() { close(s.closed) })
	s.flush.Do(func() { close(s.closing) })
	<-s.closed
}

func (s *Session) forward() {
	defer close(s.closed)
	for {
		select {
		case n := <-s.notifications:
			s.forwardOne(n)
		case <-s.closing:
			for range len(s.notifications) {
				s.forwardOne(<-s.notifications)
			}
			return
		}
	}
}

// forwardOne passes on a copy of a notification with the subscription's id and the progress
// token as the client sent them: mcp-go makes a float64 of a number.
func (s *Session) forwardOne(n mcp.JSONRPCNotification) {
	if s.message.Listens() {
		n.Params.Meta = with(n.Params.Meta, mcp.MetaKeySubscriptionID, s.message.ID)
	}
	if token := s.message.progressToken; token != nil && n.Params.AdditionalFields["progressToken"] != nil {
		n.Params.AdditionalFields = with(n.Params.AdditionalFields, "progressToken", token)
	}
	if text, err := json.Marshal(n); err == nil { // what is no JSON cannot be sent
		s.send(text)
	}
}

// with is a copy of m in which name has the value.
func with(m map[string]any, name string, value json.RawMessage) map[string]any {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]any{}
	}
	m[name] = value
	return m
}

// elicitingSession is a session whose client can be asked.
type elicitingSession struct {
	*Session
	elicit Elicit
}

// RequestElicitation asks the client's user and waits for the answer.
func (s *elicitingSession) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return s.elicit(ctx, request.Params)
}

// subscription is the session of a subscriptions/listen; its reply comes at its end.
type subscription struct {
	*Session
	filter mcp.SubscriptionFilter // guarded by mu
}

// SetSubscriptionFilter is called before the acknowledgement and after the end.
func (s *subscription) SetSubscriptionFilter(filter mcp.SubscriptionFilter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = filter
}

// SubscriptionFilter returns what the client has asked for, nothing until it is
// acknowledged. It is always in force.
func (s *subscription) SubscriptionFilter() (filter mcp.SubscriptionFilter, active bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filter, true
}
