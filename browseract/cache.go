package browseract

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	cacheFor   = time.Minute
	maxEntries = 2000
)

// A cache remembers definitions for a minute. A caller's key is part of each
// name, so that no caller sees what another's key may read.
type cache struct {
	mu      sync.Mutex
	entries map[cacheName]cacheEntry
	flight  singleflight.Group
}

type cacheName struct{ key, what string }

type cacheEntry struct {
	value any
	until time.Time
}

// cached returns what read returned within the last minute for the same caller.
// Callers that ask at the same time share one read, which lasts as long as the
// first of them has time. Errors are not remembered.
func cached[T any](ctx context.Context, c *Client, what string, read func(context.Context) (T, error)) (T, error) {
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
			c.cache.put(name, value)
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
	e, ok := c.entries[name]
	return e.value, ok && time.Now().Before(e.until)
}

func (c *cache) put(name cacheName, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[cacheName]cacheEntry{}
	}
	now := time.Now()
	if len(c.entries) >= maxEntries {
		c.forget(now)
	}
	c.entries[name] = cacheEntry{value, now.Add(cacheFor)}
}

// forget drops what is too old, and everything where that does not make room.
func (c *cache) forget(now time.Time) {
	for name, e := range c.entries {
		if !now.Before(e.until) {
			delete(c.entries, name)
		}
	}
	if len(c.entries) >= maxEntries {
		clear(c.entries)
	}
}
