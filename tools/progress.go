package tools

import (
	"context"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const (
	progressPause     = 250 * time.Millisecond // at most four a second
	progressHeartbeat = 10 * time.Second
	maxProgressText   = 120 // characters
)

// A progress tells a client how its call comes on, if it asked to be told. A nil
// progress tells nobody.
type progress struct {
	token any
	began time.Time

	mu      sync.Mutex
	message string
	sent    time.Time
	last    float64
}

type progressKey struct{}

func withProgress(ctx context.Context, req mcp.CallToolRequest) context.Context {
	if req.Params.Meta == nil || req.Params.Meta.ProgressToken == nil {
		return ctx
	}
	p := &progress{token: req.Params.Meta.ProgressToken, began: arrival(ctx)}
	return context.WithValue(ctx, progressKey{}, p)
}

func progressOf(ctx context.Context) *progress {
	p, _ := ctx.Value(progressKey{}).(*progress)
	return p
}

// wanted reports whether anybody listens.
func (p *progress) wanted() bool { return p != nil }

// say tells the client of a change; the same message again is no change.
func (p *progress) say(ctx context.Context, message string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if message == p.message {
		return
	}
	p.message = message
	if time.Since(p.sent) >= progressPause {
		p.send(ctx)
	}
}

// beat repeats the last message every 10 s without a change, until the function
// that it returns is called: no progress may follow the reply.
func (p *progress) beat(ctx context.Context) (stop func()) {
	if p == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() { // ends with ctx; stop waits for it
		defer close(stopped)
		for p.pause(ctx) {
			p.mu.Lock()
			if time.Since(p.sent) >= progressHeartbeat {
				p.send(ctx)
			}
			p.mu.Unlock()
		}
	}()
	return func() { cancel(); <-stopped }
}

// pause waits until the next beat could be due, and reports false if ctx ended.
func (p *progress) pause(ctx context.Context) bool {
	p.mu.Lock()
	due := time.Until(p.sent.Add(progressHeartbeat))
	if p.sent.IsZero() {
		due = progressHeartbeat
	}
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return false
	case <-time.After(max(due, progressPause)):
		return true
	}
}

// send is called with mu held. Progress has to increase, also where two messages
// fall into one moment.
func (p *progress) send(ctx context.Context) {
	now := time.Now()
	elapsed := max(now.Sub(p.began).Seconds(), p.last+0.001)
	p.sent, p.last = now, elapsed
	// A client that cannot be told will still get its reply.
	_ = server.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress", map[string]any{
		"progressToken": p.token,
		"progress":      float64(int64(elapsed*1000)) / 1000,
		"message":       p.message,
	})
}
