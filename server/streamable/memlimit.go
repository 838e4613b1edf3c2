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

// memoryLimit bounds the memory of large bodies, from their first byte until their call
// is answered: a wait keeps its arguments, and a thousand of 4 MiB would exhaust the
// process. Bodies of the usual size are not counted, so large ones hold up no others.
type memoryLimit struct{ free atomic.Int64 }

func newMemoryLimit(maxBody int64) *memoryLimit {
	l := &memoryLimit{}
	l.free.Store(maxBody * maxLargeBodies)
	return l
}

func (l *memoryLimit) reader(body io.Reader) *limitedReader {
	return &limitedReader{body: body, limit: l}
}

// limitedReader reads a body as long as there is memory for it.
type limitedReader struct {
	body       io.Reader
	limit      *memoryLimit
	read, held int64
}

// Read fails with errNoMemory where there is none.
func (b *limitedReader) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.read += int64(n)
	more := max(b.read-freeBytes, 0) - b.held
	if b.limit.free.Add(-more) < 0 {
		b.limit.free.Add(more)
		return n, errNoMemory
	}
	b.held += more
	return n, err
}

// release returns what the body held.
func (b *limitedReader) release() {
	b.limit.free.Add(b.held)
	b.held = 0
}
