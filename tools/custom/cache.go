package custom

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// maxCache is how many bytes of a cache are read.
const maxCache = 32 << 20

// A Cache keeps definitions in a file between starts. The zero Cache keeps nothing
// beyond the process. It is safe for concurrent use; of two processes, the one that
// writes last wins.
type Cache struct {
	path string

	mu      sync.Mutex
	entries map[Target]cached
	dirty   bool // there is something to save
}

// cached is what is known of a target.
type cached struct {
	// Definition is nil where it could not be read yet.
	Definition *Definition
	ReadAt     time.Time
}

// cacheForm begins a file, which goes on with the entries as encoding/gob has them:
// of large definitions JSON would take most of a start. Another form is no cache.
const cacheForm = "browseract-mcp definitions 1\n"

// CachePath is the file in folder for one account: the API's address and the key
// tell it from others. The key cannot be told from the name.
func CachePath(folder, apiURL, key string) string {
	sum := sha256.Sum256([]byte(apiURL + "\x00" + key))
	return filepath.Join(folder, "definitions-"+hex.EncodeToString(sum[:12]))
}

// OpenCache reads the cache of that path; "" keeps nothing. A file that cannot be
// read, or is not a cache, is an error and an empty cache: it will be written anew.
func OpenCache(path string) (*Cache, error) {
	c := &Cache{path: path, entries: map[Target]cached{}}
	if path == "" {
		return c, nil
	}
	raw, err := readFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	entries, found := bytes.CutPrefix(raw, []byte(cacheForm))
	if !found {
		return c, errors.New("the file is no cache of definitions")
	}
	if err := gob.NewDecoder(bytes.NewReader(entries)).Decode(&c.entries); err != nil {
		c.entries = map[Target]cached{}
		return c, fmt.Errorf("the cache of definitions is broken: %w", err)
	}
	return c, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var data bytes.Buffer
	if info, err := file.Stat(); err == nil {
		data.Grow(int(min(info.Size(), maxCache)) + bytes.MinRead)
	}
	_, err = data.ReadFrom(io.LimitReader(file, maxCache))
	return data.Bytes(), err
}

// Definition returns what is known of a target.
func (c *Cache) Definition(target Target) (Definition, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[target]; e.Definition != nil {
		return *e.Definition, true
	}
	return Definition{}, false
}

// Tried reports whether anybody has tried to read the target yet.
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
	return c.entries[target].Definition != nil && age >= 0 && age < freshFor
}

func (c *Cache) put(target Target, def Definition, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[target], c.dirty = cached{&def, at.UTC().Truncate(time.Second)}, true
}

// miss notes that a target could not be read. What was known of it stays.
func (c *Cache) miss(target Target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.entries[target]; !there {
		c.entries[target], c.dirty = cached{}, true
	}
}

// Save writes the cache to its file, if that lacks anything: whole or not at all,
// and for its owner only.
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

// encode writes the cache; nil: nothing is new.
func (c *Cache) encode() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dirty {
		return nil, nil
	}
	c.dirty = false
	raw := bytes.NewBufferString(cacheForm)
	err := gob.NewEncoder(raw).Encode(c.entries)
	return raw.Bytes(), err
}

// writeFile puts data in the place of path. Whoever reads meanwhile sees the one or
// the other.
func writeFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".definitions-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already, if all went well
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
