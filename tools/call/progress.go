package call

import (
	"context"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const (
	minProgressInterval = 250 * time.Millisecond // at most four a second
	progressHeartbeat   = 10 * time.Second
)

// A Progress sends a client the progress of its call. A nil Progress sends nothing.
type Progress struct {
	token any
	began time.Time

	mu      sync.Mutex
	message string
	sent    time.Time
	last    float64
	beat    *time.Timer // nil before a heartbeat
}

func newProgress(meta *mcp.Meta, began time.Time) *Progress {
	if meta == nil || meta.ProgressToken == nil {
		return nil
	}
	return &Progress{token: meta.ProgressToken, began: began}
}

// Wanted reports whether the client asked for progress.
func (p *Progress) Wanted() bool { return p != nil }

// Report sends a message that differs from the last one, unless one was sent less than
// 250 ms ago.
func (p *Progress) Report(ctx context.Context, message string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if message == p.message {
		return
	}
	p.message = message
	if time.Since(p.sent) >= minProgressInterval {
		p.send(ctx)
	}
}

// Heartbeat repeats the last message after every 10 s without one, until stop is called:
// no progress may follow the reply.
func (p *Progress) Heartbeat(ctx context.Context) (stop func()) {
	if p == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	beat, stopped := time.NewTimer(progressHeartbeat), make(chan struct{})
	p.mu.Lock()
	p.beat = beat
	p.mu.Unlock()
	go func() { // ends with ctx; stop waits for it
		defer close(stopped)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				p.mu.Lock()
				p.send(ctx)
				p.mu.Unlock()
			}
		}
	}()
	return func() { cancel(); <-stopped }
}

// send is called with mu held. Progress has to increase, also where two messages fall
// into one moment.
func (p *Progress) send(ctx context.Context) {
	now := time.Now()
	elapsed := max(now.Sub(p.began).Seconds(), p.last+0.001)
	p.sent, p.last = now, elapsed
	if p.beat != nil {
		p.beat.Reset(progressHeartbeat)
	}
	// The reply does not depend on it.
	_ = server.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress", map[string]any{
		"progressToken": p.token,
		"progress":      float64(int64(elapsed*1000)) / 1000,
		"message":       p.message,
	})
}
