package browseract

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const maxEntries = 2000

// A cache keeps values for a limited time. The caller's key is part of each name, so
// that no caller sees what another's key can read.
type cache struct {
	mu      sync.Mutex
	entries map[cacheName]any
	flight  singleflight.Group
}

type cacheName struct{ key, what string }

// cached returns what read returned for the same caller within the last ttl. The
// value is shared and must not be changed. Errors are not kept.
func cached[T any](ctx context.Context, c *Client, ttl time.Duration, what string, read func(context.Context) (T, error)) (T, error) {
	name := cacheName{c.key(ctx), what}
	if value, ok := lookup[T](&c.cache, name); ok {
		return value, nil
	}
	return joined(ctx, c, name, func() (T, error) {
		own, cancel := detached(ctx, sharedReadTimeout)
		defer cancel()
		value, err := read(own)
		if err == nil {
			c.cache.put(name, value, ttl)
		}
		return value, err
	})
}

// joined runs do once for all callers that ask for the same name at the same time.
// A caller stops waiting when its ctx ends; do continues.
func joined[T any](ctx context.Context, c *Client, name cacheName, do func() (T, error)) (T, error) {
	var zero T
	done := c.cache.flight.DoChan(name.key+"\x00"+name.what, func() (any, error) { return do() })
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

// detached returns a context that keeps the caller's key but not its cancellation.
func detached(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), timeout)
}

// lookup returns what is kept under a name.
func lookup[T any](c *cache, name cacheName) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, ok := c.entries[name].(T)
	return value, ok
}

func (c *cache) put(name cacheName, value any, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= maxEntries {
		c.entries = map[cacheName]any{}
	}
	c.entries[name] = value
	time.AfterFunc(ttl, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.entries, name)
	})
}
