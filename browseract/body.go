package browseract

import (
	"bytes"
	"io"
)

// maxPooled is the largest buffer, in bytes, that is kept for another reply.
const maxPooled = 1 << 20

// readBody reads a body whose header announces length bytes, -1 if it does not, and
// stops one byte after the longest reply that is allowed. The buffer comes from a pool:
// a reply's body is most of what a call allocates, and useless once it is decoded.
func (c *Client) readBody(length int64, body io.Reader) (*bytes.Buffer, error) {
	buf, ok := c.buffers.Get().(*bytes.Buffer)
	if !ok {
		buf = new(bytes.Buffer)
	}
	if length > 0 && length <= c.maxReply {
		buf.Grow(int(length) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(io.LimitReader(body, c.maxReply+1))
	return buf, err
}

// release returns a buffer to which no reference is left to the pool.
func (c *Client) release(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooled {
		buf.Reset()
		c.buffers.Put(buf)
	}
}
