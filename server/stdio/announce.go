package stdio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
)

// What the server tells of itself, such as that its tools have changed, belongs to
// no call. Until 2025-11-25 a client hears it once it has initialized; from
// 2026-07-28 on it hears what it asked for, in a subscription: a call that stays
// open until the client cancels it or the server stops.

// announcer is the session of a client that has initialized, beside its calls.
type announcer struct {
	id            string
	notifications chan mcp.JSONRPCNotification
	client        *atomic.Pointer[client]
}

// SessionID tells it from those of calls.
func (a *announcer) SessionID() string { return a.id }

// NotificationChannel takes what is for the client. What it has no room for is lost.
func (a *announcer) NotificationChannel() chan<- mcp.JSONRPCNotification { return a.notifications }

// Initialize does nothing; see Initialized.
func (a *announcer) Initialize() {}

// Initialized reports whether the client has: those of the newer era never do.
func (a *announcer) Initialized() bool { return a.client.Load() != nil }

// announce passes on what the server tells until out stops.
func (l *loop) announce(ctx context.Context) {
	a := &announcer{id: "stdio-" + rand.Text(), notifications: make(chan mcp.JSONRPCNotification, backlog), client: &l.client}
	if err := l.mcp.RegisterSession(ctx, a); err != nil {
		return // the name is taken, which it is not
	}
	go func() { // ends with out
		defer l.mcp.UnregisterSession(ctx, a.id)
		for {
			select {
			case n := <-a.notifications:
				l.tell(ctx, n, always)
			case <-l.out.stopped:
				return
			}
		}
	}()
}

// tell sends a notification if it is due when its turn comes.
func (l *loop) tell(ctx context.Context, n mcp.JSONRPCNotification, due func() bool) {
	text, err := json.Marshal(n)
	if err != nil {
		l.logger.ErrorContext(ctx, "notification is not valid JSON", "notification", n.Method, "error", err)
		return
	}
	l.out.send(text, due)
}

// subscription is the session of a call that listens.
type subscription struct {
	*session
	id     string
	filter atomic.Pointer[mcp.SubscriptionFilter]
}

// SessionID tells the subscription from others: what is broadcast goes to it by name.
func (s *subscription) SessionID() string { return s.id }

// SetSubscriptionFilter is called before the acknowledgement, and at the end.
func (s *subscription) SetSubscriptionFilter(filter mcp.SubscriptionFilter) { s.filter.Store(&filter) }

// SubscriptionFilter returns what the client wants to hear: until it is known, nothing.
func (s *subscription) SubscriptionFilter() (mcp.SubscriptionFilter, bool) {
	if filter := s.filter.Load(); filter != nil {
		return *filter, true
	}
	return mcp.SubscriptionFilter{}, true
}

// subscribe returns ctx with s as the session of a subscription, to which the server
// broadcasts until ctx ends.
func (l *loop) subscribe(ctx context.Context, s *session) context.Context {
	sub := &subscription{session: s, id: "stdio-" + rand.Text()}
	if err := l.mcp.RegisterSession(ctx, sub); err != nil {
		return l.mcp.WithContext(ctx, s) // the name is taken, which it is not
	}
	context.AfterFunc(ctx, func() { l.mcp.UnregisterSession(ctx, sub.id) })
	return l.mcp.WithContext(ctx, sub)
}

// inSubscription marks a notification as one of the subscription that a call of this
// id has opened. It may be shared with other sessions, so it is copied.
func inSubscription(n mcp.JSONRPCNotification, id json.RawMessage) mcp.JSONRPCNotification {
	meta := maps.Clone(n.Params.Meta)
	if meta == nil {
		meta = map[string]any{}
	}
	meta[mcp.MetaKeySubscriptionID] = id
	n.Params.Meta = meta
	return n
}
