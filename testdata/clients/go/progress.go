package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// grace is how much later than a call's reply its progress may be handled: the
// SDK queues notifications and returns replies at once.
const grace = 100 * time.Millisecond

// A progress watches what the calls of a session report before their replies.
type progress struct {
	mu     sync.Mutex
	count  int
	latest map[string]float64   // by token
	ended  map[string]time.Time // by token
	faults []error
}

func newProgress() *progress {
	return &progress{latest: map[string]float64{}, ended: map[string]time.Time{}}
}

// end is to be called when the reply to a call has come.
func (p *progress) end(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[token] = time.Now()
}

func (p *progress) arrived(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token, _ := req.Params.ProgressToken.(string)
	value := req.Params.Progress
	latest, known := p.latest[token]
	if known && value <= latest {
		p.faults = append(p.faults, fmt.Errorf("progress of %s went from %g to %g", token, latest, value))
	}
	if ended, ok := p.ended[token]; ok && time.Since(ended) > grace {
		p.faults = append(p.faults, fmt.Errorf("progress of %s after its reply", token))
	}
	p.latest[token] = value
	p.count++
}

// check reports what was wrong, or that fewer than minimum notifications came.
func (p *progress) check(minimum int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count < minimum {
		return fmt.Errorf("progress was reported %d times, want %d or more", p.count, minimum)
	}
	return errors.Join(p.faults...)
}
