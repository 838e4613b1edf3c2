package browseract

import (
	"bytes"
	"io"
	"sync"
)

// maxKept is the largest buffer, in bytes, that waits for another reply.
const maxKept = 1 << 20

// bodies lends buffers to read replies into. A reply's body is most of what a
// call allocates, and of no use once it is decoded.
type bodies struct{ pool sync.Pool }

// borrow returns an empty buffer.
func (b *bodies) borrow() *bytes.Buffer {
	if buf, ok := b.pool.Get().(*bytes.Buffer); ok {
		return buf
	}
	return new(bytes.Buffer)
}

// giveBack takes a buffer of whose bytes nobody holds any.
func (b *bodies) giveBack(buf *bytes.Buffer) {
	if buf.Cap() <= maxKept {
		buf.Reset()
		b.pool.Put(buf)
	}
}

// leastSecret is the length from which on a key is one: what is shorter stands in
// many texts by chance.
const leastSecret = 8

// withoutKey returns body without the key, should a server repeat it: in an error, or
// on a page that a run has opened.
func withoutKey(body []byte, key string) []byte {
	if len(key) < leastSecret || !bytes.Contains(body, []byte(key)) {
		return body
	}
	return bytes.ReplaceAll(body, []byte(key), []byte("[key]"))
}

// readBody reads a body of the length that its header tells, -1 if none, and at
// most one byte more than a reply may have.
func (c *Client) readBody(into *bytes.Buffer, length int64, body io.Reader) error {
	if length > 0 && length <= c.maxReply {
		into.Grow(int(length) + bytes.MinRead)
	}
	_, err := into.ReadFrom(io.LimitReader(body, c.maxReply+1))
	return err
}
