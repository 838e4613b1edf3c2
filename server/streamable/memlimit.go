package streamable

import (
	"errors"
	"io"
	"sync/atomic"
)

const (
	freeBytes      = 64 << 10 // of each body that are not counted
	maxLargeBodies = 32       // of the largest size at a time
)

var errNoMemory = errors.New("no memory for another large body")

// limitedReader reads a body as long as there is memory for it, so that large bodies
// together do not exhaust the process: a wait keeps its arguments. A body holds memory
// from its first byte until release, and those of the usual size none.
type limitedReader struct {
	body       io.Reader
	free       *atomic.Int64 // bytes, of all bodies
	read, held int64
}

// Read fails with errNoMemory where there is none.
func (b *limitedReader) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.read += int64(n)
	more := max(b.read-freeBytes, 0) - b.held
	if b.free.Add(-more) < 0 {
		b.free.Add(more)
		return n, errNoMemory
	}
	b.held += more
	return n, err
}

// release returns what the body held.
func (b *limitedReader) release() {
	b.free.Add(b.held)
	b.held = 0
}
