package browseract

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	cacheFor    = time.Minute
	samplesFor  = 10 * time.Minute
	liveViewFor = 8 * time.Hour // no run lasts longer
	maxEntries  = 2000
)

// A cache remembers definitions for a while. A caller's key is part of each name,
// so that no caller sees what another's key may read.
type cache struct {
	mu      sync.Mutex
	entries map[cacheName]any
	flight  singleflight.Group
}

type cacheName struct{ key, what string }

// cached returns what read returned within the last minute for the same caller;
// it belongs to all who ask and must not be changed. Those who ask at the same
// time share one read, which any of them may leave. Errors are not remembered.
func cached[T any](ctx context.Context, c *Client, what string, read func(context.Context) (T, error)) (T, error) {
	return cachedFor(ctx, c, cacheFor, what, read)
}

// cachedFor is cached for another time than a minute.
func cachedFor[T any](ctx context.Context, c *Client, d time.Duration, what string, read func(context.Context) (T, error)) (T, error) {
	name := cacheName{c.key(ctx), what}
	if value, ok := c.cache.get(name); ok {
		return value.(T), nil
	}
	var zero T
	done := c.cache.flight.DoChan(name.key+"\x00"+name.what, func() (any, error) {
		shared, cancel := outlive(ctx)
		defer cancel()
		value, err := read(shared)
		if err == nil {
			c.cache.put(name, value, d)
		}
		return value, err
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return zero, r.Err
		}
		return r.Val.(T), nil
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

const sharedReadTimeout = 10 * time.Second

// outlive returns a context for a read that others wait for too: it keeps the
// caller's key and not the caller's cancellation.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), sharedReadTimeout)
}

func (c *cache) get(name cacheName) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, ok := c.entries[name]
	return value, ok
}

func (c *cache) put(name cacheName, value any, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= maxEntries {
		c.entries = map[cacheName]any{}
	}
	c.entries[name] = value
	time.AfterFunc(d, func() { c.forget(name) })
}

func (c *cache) forget(name cacheName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, name)
}
