package call

import (
	"context"
	"sync"
)

// AfterReply has run called once the reply to the call of ctx has been written, with
// whether it was delivered: the reply of a call that was cancelled is not, nor one that
// could not be written. Where no transport reports that, the reply counts as delivered
// when the call returns without having been cancelled.
func AfterReply(ctx context.Context, run func(delivered bool)) {
	c := From(ctx)
	switch {
	case c.shared.AfterReply != nil && c.shared.AfterReply(ctx, run):
	case c.returned != nil:
		c.returned.add(run)
	default:
		run(false)
	}
}

// hooks are run once, in their order.
type hooks struct {
	mu   sync.Mutex
	runs []func(delivered bool)
}

func (h *hooks) add(run func(delivered bool)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs = append(h.runs, run)
}

func (h *hooks) run(delivered bool) {
	h.mu.Lock()
	runs := h.runs
	h.runs = nil
	h.mu.Unlock()
	for _, run := range runs {
		run(delivered)
	}
}
