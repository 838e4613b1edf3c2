package stdio

// WithLimits lowers the limits of a line in bytes and of pending requests.
func WithLimits(line, pending int) Option {
	return func(s *settings) { s.maxLine, s.maxPending = line, pending }
}
