package custom

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/browseract/browseract-mcp/browseract"
)

const (
	fetchTimeout = 3 * time.Second  // for one definition
	cacheTTL     = 10 * time.Minute // how long a cached definition is not fetched again

	maxFetches = 8 // at a time
)

// Fetch reads the definition of a target, in at most 3 s.
func Fetch(ctx context.Context, client *browseract.Client, target Target) (Definition, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if target.Kind == Template {
		t, err := client.Template(ctx, target.ID)
		return TemplateDefinition(t), err
	}
	w, err := client.Workflow(ctx, target.ID)
	return WorkflowDefinition(w), err
}

// Refresh fetches the definitions of the targets that the cache does not have, or has
// had for 10 minutes, and returns how many could not be fetched. Definitions that were
// fetched before ctx ends stay in the cache.
func (c *Cache) Refresh(ctx context.Context, client *browseract.Client, targets []Target) (missed int) {
	var failures atomic.Int64
	var group errgroup.Group
	group.SetLimit(maxFetches)
	for _, target := range targets {
		if c.fresh(target, time.Now()) {
			continue
		}
		group.Go(func() error {
			def, err := Fetch(ctx, client, target)
			switch {
			case err == nil:
				c.put(target, def, time.Now())
			case ctx.Err() == nil: // otherwise the target was not tried
				failures.Add(1)
				c.markTried(target)
			}
			return nil
		})
	}
	_ = group.Wait()
	return int(failures.Load())
}
