package stdio

import (
	"context"
	"log/slog"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	maxLine    = 4 << 20 // bytes of one message
	maxPending = 1024    // requests that are not answered yet
)

// Option changes what Serve does by default.
type Option func(*settings)

type settings struct {
	logger     *slog.Logger
	maxLine    int
	maxPending int
	closing    func()
	detached   rpc.Detached
}

func newSettings(opts []Option) settings {
	s := settings{
		logger:     slog.New(slog.DiscardHandler),
		maxLine:    maxLine,
		maxPending: maxPending,
		closing:    func() {},
	}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// WithLogger sends what goes wrong to logger. By default it is dropped.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logger = logger }
}

// WithClosing makes Serve call closing once when it begins to end, so that calls which
// only wait can answer at once. closing must return at once.
func WithClosing(closing func()) Option {
	return func(s *settings) { s.closing = closing }
}

// WithDetached makes Serve wait for work that outlives the call which began it.
// Serve calls wait before it cancels the calls that are open, so that they can
// report the work, and once more at the end. wait reports whether there was work.
// Its context has the values of Serve's and lasts for [rpc.DetachedTimeout].
func WithDetached(wait func(context.Context) bool) Option {
	return func(s *settings) { s.detached = wait }
}
