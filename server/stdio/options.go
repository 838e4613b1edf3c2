package stdio

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Option changes what Serve does by default.
type Option func(*settings)

type settings struct {
	logger     *slog.Logger
	maxLine    int
	maxPending int
	drain      time.Duration
	closing    func()
	detached   func(context.Context) bool
}

func newSettings(opts []Option) (settings, error) {
	s := settings{
		logger:     slog.New(slog.DiscardHandler),
		maxLine:    4 << 20,
		maxPending: 1024,
		drain:      1200 * time.Millisecond,
		closing:    func() {},
		detached:   func(context.Context) bool { return false },
	}
	for _, opt := range opts {
		opt(&s)
	}
	if s.maxLine < 1 || s.maxPending < 1 {
		return s, errors.New("lines and pending calls need a limit of at least 1")
	}
	return s, nil
}

// WithLogger sends what goes wrong to logger. By default it is dropped.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logger = logger }
}

// WithMaxLine refuses lines longer than so many bytes, by default 4 MiB. They
// are skipped without being kept in memory.
func WithMaxLine(bytes int) Option {
	return func(s *settings) { s.maxLine = bytes }
}

// WithMaxPending answers "server busy" to a request while n others are not
// answered yet, by default 1,024.
func WithMaxPending(n int) Option {
	return func(s *settings) { s.maxPending = n }
}

// WithDrain gives calls that run when Serve ends the time d to finish, by
// default 1.2 s.
func WithDrain(d time.Duration) Option {
	return func(s *settings) { s.drain = d }
}

// WithClosing has Serve call closing once when it begins to end, so that calls
// which only wait can answer at once. It must return at once.
func WithClosing(closing func()) Option {
	return func(s *settings) { s.closing = closing }
}

// WithDetached makes Serve wait for work that outlives the call which began it.
// Serve calls wait before it cancels the calls that are open, so that they can
// report the work, and once more at the end. wait reports whether there was work.
// Its context has the values of Serve's and no end.
func WithDetached(wait func(context.Context) bool) Option {
	return func(s *settings) { s.detached = wait }
}
