package custom

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/browseract/browseract-mcp/browseract"
)

const (
	// readTimeout is how long the reading of one definition may take.
	readTimeout = 3 * time.Second
	readAtOnce  = 8
	// freshFor is for how long a definition in the cache is not read again.
	freshFor = 10 * time.Minute
)

// Fetch reads the definition of a target, in at most 3 s.
func Fetch(ctx context.Context, client *browseract.Client, target Target) (Definition, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if target.Kind == Template {
		t, err := client.Template(ctx, target.ID)
		return TemplateDefinition(t), err
	}
	w, err := client.Workflow(ctx, target.ID)
	return WorkflowDefinition(w), err
}

// Refresh reads the definitions of those targets that the cache does not have, or
// has had for 10 minutes, and returns how many could not be read. What it has read
// when ctx ends stays in the cache.
func (c *Cache) Refresh(ctx context.Context, client *browseract.Client, targets []Target) (missed int) {
	var failures atomic.Int64
	var group errgroup.Group
	group.SetLimit(readAtOnce)
	for _, target := range targets {
		if c.fresh(target, time.Now()) {
			continue
		}
		group.Go(func() error {
			def, err := Fetch(ctx, client, target)
			switch {
			case err == nil:
				c.put(target, def, time.Now())
			case ctx.Err() == nil: // else nobody had the time
				failures.Add(1)
				c.miss(target)
			}
			return nil
		})
	}
	_ = group.Wait()
	return int(failures.Load())
}
