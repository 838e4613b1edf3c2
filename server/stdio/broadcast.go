package stdio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// maxBroadcasts is how many notifications may wait; further ones are dropped.
const maxBroadcasts = 64

// broadcast is the session of a client of 2025-11-25 or older, beside its calls: it gets
// what the server announces, to which later clients subscribe.
type broadcast struct {
	id            string
	notifications chan mcp.JSONRPCNotification
	client        *atomic.Pointer[rpc.Client]
}

// SessionID is unique.
func (b *broadcast) SessionID() string { return b.id }

// NotificationChannel takes what is for the client.
func (b *broadcast) NotificationChannel() chan<- mcp.JSONRPCNotification { return b.notifications }

// Initialize does nothing; see Initialized.
func (b *broadcast) Initialize() {}

// Initialized reports whether the client has: those of the newer era never do.
func (b *broadcast) Initialized() bool { return b.client.Load() != nil }

// broadcast passes on what the server announces until the output stops.
func (l *loop) broadcast(ctx context.Context) {
	b := &broadcast{id: rand.Text(), notifications: make(chan mcp.JSONRPCNotification, maxBroadcasts), client: &l.client}
	if err := l.mcp.RegisterSession(ctx, b); err != nil {
		return // the random id is taken, which it is not
	}
	go func() { // ends with the output
		defer l.mcp.UnregisterSession(ctx, b.id)
		for {
			select {
			case n := <-b.notifications:
				if text, err := json.Marshal(n); err == nil { // what is no JSON cannot be sent
					l.out.send(ctx, text, nil)
				}
			case <-l.out.stopped:
				return
			}
		}
	}()
}
