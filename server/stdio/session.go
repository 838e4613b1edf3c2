package stdio

import "github.com/mark3labs/mcp-go/mcp"

// backlog is how many notifications of one call may wait for the client to
// read. mcp-go drops those beyond it.
const backlog = 64

// loggedID is how many bytes of a request's id go to the log.
const loggedID = 64

// session is what mcp-go sees of the client during one call. Every call has its
// own, and so its own notifications, which then cannot be written after its
// reply or into another's.
type session struct {
	requestID     string
	notifications chan mcp.JSONRPCNotification
}

func newSession(requestID string) *session {
	return &session{
		requestID:     requestID,
		notifications: make(chan mcp.JSONRPCNotification, backlog),
	}
}

// RequestID is the call's id for the log, cut where a client sends a long one.
func (s *session) RequestID() string { return s.requestID[:min(len(s.requestID), loggedID)] }

// SessionID is the same for every call: there is one client.
func (s *session) SessionID() string { return "stdio" }

// NotificationChannel takes what the call has to tell before its reply.
func (s *session) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.notifications }

// Initialize does nothing; see Initialized.
func (s *session) Initialize() {}

// Initialized is always true: a client that asks for progress can take it.
func (s *session) Initialized() bool { return true }

// forward passes every notification to send until flush is called, which
// returns when all are passed on. Later ones go nowhere.
func (s *session) forward(send func(mcp.JSONRPCNotification)) (flush func()) {
	ending, ended := make(chan struct{}), make(chan struct{})
	// Ended and awaited by flush.
	go func() {
		defer close(ended)
		for {
			select {
			case n := <-s.notifications:
				send(n)
			case <-ending:
				for range len(s.notifications) {
					send(<-s.notifications)
				}
				return
			}
		}
	}()
	return func() {
		close(ending)
		<-ended
	}
}
