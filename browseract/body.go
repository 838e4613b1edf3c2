package browseract

import (
	"bytes"
	"io"
	"sync"
)

// maxPooled is the largest buffer, in bytes, that is kept for another reply.
const maxPooled = 1 << 20

// A bufferPool lends the buffers that replies are read into. A reply's body is most
// of what a call allocates, and useless once it is decoded.
type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) get() *bytes.Buffer {
	if buf, ok := p.pool.Get().(*bytes.Buffer); ok {
		return buf
	}
	return new(bytes.Buffer)
}

// put takes back a buffer to which no reference is left.
func (p *bufferPool) put(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooled {
		buf.Reset()
		p.pool.Put(buf)
	}
}

// readBody reads a body whose header announces length bytes, -1 if it does not, and
// stops one byte after the longest reply that is allowed.
func (c *Client) readBody(into *bytes.Buffer, length int64, body io.Reader) error {
	if length > 0 && length <= c.maxReply {
		into.Grow(int(length) + bytes.MinRead)
	}
	_, err := into.ReadFrom(io.LimitReader(body, c.maxReply+1))
	return err
}
