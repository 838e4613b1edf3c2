package custom

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/browseract/browseract-mcp/browseract"
)

// maxCache is how many bytes the file of a cache may have.
const maxCache = 32 << 20

// A Cache keeps definitions in a file between starts; the zero Cache, in memory only.
// It is safe for concurrent use. Of two processes, the last to write wins.
type Cache struct {
	path string

	mu      sync.Mutex
	entries map[Target]cached
	dirty   bool // there is something to save
}

// cached is what the cache knows of a target that was tried.
type cached struct {
	Definition *Definition // nil: it could not be fetched yet
	ReadAt     time.Time
}

// cacheHeader begins a file; encoding/gob of the entries follows. Decoding large
// definitions from JSON would take most of a start.
const cacheHeader = "browseract-mcp definitions 1\n"

// CachePath returns the file in folder for one account: the API's address and the key.
// The key cannot be derived from the name.
func CachePath(folder, apiURL, key string) string {
	sum := sha256.Sum256([]byte(apiURL + "\x00" + key))
	return filepath.Join(folder, "definitions-"+hex.EncodeToString(sum[:12]))
}

// OpenCache reads the cache at path; "" is a cache in memory only. The cache of a file
// that is unreadable or in another format is empty, with an error, and Save replaces
// the file.
func OpenCache(path string) (*Cache, error) {
	c := &Cache{path: path, entries: map[Target]cached{}}
	raw, err := os.ReadFile(path)
	if path == "" || errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	entries, found := bytes.CutPrefix(raw, []byte(cacheHeader))
	if !found || len(raw) > maxCache {
		return c, errors.New("the file is not a cache of definitions")
	}
	if err := gob.NewDecoder(bytes.NewReader(entries)).Decode(&c.entries); err != nil {
		c.entries = map[Target]cached{}
		return c, fmt.Errorf("the cache of definitions is corrupt: %w", err)
	}
	return c, nil
}

// Definition returns the definition of a target, and whether the cache has it.
func (c *Cache) Definition(target Target) (Definition, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[target]; e.Definition != nil {
		return *e.Definition, true
	}
	return Definition{}, false
}

// Tried reports whether the target was fetched, with or without success.
func (c *Cache) Tried(target Target) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, tried := c.entries[target]
	return tried
}

func (c *Cache) fresh(target Target, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	age := now.Sub(c.entries[target].ReadAt)
	return c.entries[target].Definition != nil && age >= 0 && age < cacheTTL
}

func (c *Cache) put(target Target, def Definition, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[target], c.dirty = cached{&def, now}, true
}

// markTried records that a target could not be fetched. An earlier definition stays.
func (c *Cache) markTried(target Target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, tried := c.entries[target]; !tried {
		c.entries[target], c.dirty = cached{}, true
	}
}

// Save writes the cache to its file if there is something new: whole or not at all,
// readable by its owner only.
func (c *Cache) Save() error {
	raw, err := c.encode()
	if c.path == "" || raw == nil || err != nil {
		return err
	}
	if len(raw) > maxCache {
		return fmt.Errorf("the definitions have more than %d bytes", maxCache)
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	return writeFile(c.path, raw)
}

// encode returns the content of the file; nil: nothing is new.
func (c *Cache) encode() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dirty {
		return nil, nil
	}
	c.dirty = false
	raw := bytes.NewBufferString(cacheHeader)
	err := gob.NewEncoder(raw).Encode(c.entries)
	return raw.Bytes(), err
}

// writeFile replaces the file at path atomically.
func writeFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".definitions-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // already renamed on success
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

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
