package stdio

import (
	"context"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// backlog is how many notifications of one call may wait for the client to
// read. mcp-go drops those beyond it.
const backlog = 64

// loggedID is how many bytes of a request's id go to the log.
const loggedID = 64

// session is what mcp-go sees of the client during one call. Every call has its
// own, and so its own notifications, which then cannot be written after its
// reply or into another's.
type session struct {
	requestID string
	send      func(mcp.JSONRPCNotification)
	elicit    func(context.Context, mcp.ElicitationParams) (*mcp.ElicitationResult, error)
	client    client
	reworded  *mcp.JSONRPCErrorDetails // nil: the error, if there is one, is mcp-go's

	begin         sync.Once // starts forward, or rules it out
	notifications chan mcp.JSONRPCNotification
	ending, ended chan struct{}
}

// client is what the client has said of itself: when it initialized, or, from the
// revision 2026-07-28 on, in each request for that request alone.
type client struct {
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
}

// newSession passes every notification of a call to send until flush is called.
func newSession(requestID string, send func(mcp.JSONRPCNotification)) *session {
	return &session{
		requestID: requestID,
		send:      send,
		ending:    make(chan struct{}),
		ended:     make(chan struct{}),
	}
}

// RequestID is the call's id for the log, cut where a client sends a long one.
func (s *session) RequestID() string { return s.requestID[:min(len(s.requestID), loggedID)] }

// SessionID is the same for every call: there is one client.
func (s *session) SessionID() string { return "stdio" }

// NotificationChannel takes what the call has to tell before its reply. Most
// calls have nothing to tell: the first use makes the channel. After flush it is
// nil, and mcp-go then drops what it has.
func (s *session) NotificationChannel() chan<- mcp.JSONRPCNotification {
	s.begin.Do(func() {
		s.notifications = make(chan mcp.JSONRPCNotification, backlog)
		go s.forward() // ended and awaited by flush
	})
	return s.notifications
}

// Initialize does nothing; see Initialized.
func (s *session) Initialize() {}

// Initialized is always true: a client that asks for progress can take it.
func (s *session) Initialized() bool { return true }

// GetClientInfo returns the client's name and version, empty if it said none.
func (s *session) GetClientInfo() mcp.Implementation { return s.client.info }

// SetClientInfo is called before a handler runs.
func (s *session) SetClientInfo(info mcp.Implementation) { s.client.info = info }

// GetClientCapabilities returns what the client can do.
func (s *session) GetClientCapabilities() mcp.ClientCapabilities { return s.client.capabilities }

// SetClientCapabilities is called before a handler runs.
func (s *session) SetClientCapabilities(c mcp.ClientCapabilities) { s.client.capabilities = c }

// Reword has the reply carry this error in place of mcp-go's.
func (s *session) Reword(_ context.Context, detail mcp.JSONRPCErrorDetails) { s.reworded = &detail }

// RequestElicitation asks the client's user, and waits for the answer until ctx or
// the call ends. Nothing else waits meanwhile.
func (s *session) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return s.elicit(ctx, request.Params)
}

func (s *session) forward() {
	defer close(s.ended)
	for {
		select {
		case n := <-s.notifications:
			s.send(n)
		case <-s.ending:
			for range len(s.notifications) {
				s.send(<-s.notifications)
			}
			return
		}
	}
}

// flush returns when every notification is passed on. Later ones go nowhere.
func (s *session) flush() {
	s.begin.Do(func() { close(s.ended) })
	close(s.ending)
	<-s.ended
}
