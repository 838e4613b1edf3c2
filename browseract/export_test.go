package browseract

// NewTransport is the transport of clients that are given none.
var NewTransport = newTransport

// WithoutOutputs is what a page of tasks goes through before it is decoded.
var WithoutOutputs = withoutOutputs

// WithMaxReply makes replies of more than so many bytes too large.
func WithMaxReply(bytes int64) Option {
	return func(c *Client) error {
		c.maxReply = bytes
		return nil
	}
}
