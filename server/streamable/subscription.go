package streamable

import (
	"maps"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// subscription is the session of a subscriptions/listen: a call whose reply comes
// when it ends, and that hears of what it asked for meanwhile.
type subscription struct {
	*call
	mu     sync.Mutex
	filter mcp.SubscriptionFilter
}

// SetSubscriptionFilter is called before the acknowledgement and after the end.
func (s *subscription) SetSubscriptionFilter(filter mcp.SubscriptionFilter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = filter
}

// SubscriptionFilter returns what the client has asked for; nothing until it is
// acknowledged. It is always in force.
func (s *subscription) SubscriptionFilter() (filter mcp.SubscriptionFilter, active bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filter, true
}

// tagged returns a notification with the id of the subscription that it belongs to.
// A broadcast is shared with other sessions, so it is a copy.
func tagged(note mcp.JSONRPCNotification, id any) mcp.JSONRPCNotification {
	meta := maps.Clone(note.Params.Meta)
	if meta == nil {
		meta = map[string]any{}
	}
	meta[mcp.MetaKeySubscriptionID] = id
	note.Params.Meta = meta
	return note
}
