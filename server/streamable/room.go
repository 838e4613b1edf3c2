package streamable

import (
	"errors"
	"io"
	"sync/atomic"
)

const (
	ownRoom     = 64 << 10 // bytes that every body has for itself
	largeBodies = 32       // bodies of the largest size that fit beside that
)

var errNoRoom = errors.New("no room for another large body")

// room is the memory that large bodies share, from their first byte until their call
// is answered: a wait keeps its arguments, and a thousand of 4 MiB would be the end of
// the process. Bodies of the usual size do not meet it, so what fills it up holds up
// nobody else.
type room struct{ free atomic.Int64 }

func newRoom(largest int64) *room {
	r := &room{}
	r.free.Store(largest * largeBodies)
	return r
}

func (r *room) reader(body io.Reader) *roomReader { return &roomReader{body: body, room: r} }

// roomReader reads a body as long as there is room for it.
type roomReader struct {
	body        io.Reader
	room        *room
	read, taken int64
}

// Read fails with errNoRoom where there is none.
func (b *roomReader) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.read += int64(n)
	more := max(b.read-ownRoom, 0) - b.taken
	if b.room.free.Add(-more) < 0 {
		b.room.free.Add(more)
		return n, errNoRoom
	}
	b.taken += more
	return n, err
}

// leave gives the room back.
func (b *roomReader) leave() {
	b.room.free.Add(b.taken)
	b.taken = 0
}
