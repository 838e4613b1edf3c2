package browseract

// NewTransport makes the default transport.
var NewTransport = newTransport

// WithoutOutputs removes the outputs from a page of tasks.
var WithoutOutputs = withoutOutputs

// WithMaxReply sets the largest reply in bytes.
func WithMaxReply(bytes int64) Option {
	return func(c *Client) error {
		c.maxReply = bytes
		return nil
	}
}
