package batch

import "time"

const (
	minBackoff = 5 * time.Second
	maxBackoff = time.Minute
	// maxFailures is after how many starts in a row that failed a batch stops.
	maxFailures = 5
)

// A limiter says when the next row of a batch may start. The API does not say how many
// tasks an account may run at a time: its refusals show it.
type limiter struct {
	max     int           // rows at a time, as the caller asked
	full    int           // at how many active rows the account refused one more; 0: none yet
	retryAt time.Time     // nothing is tried before, unless a row ends after a refusal
	backoff time.Duration // until the next try
	// failures counts starts that failed since the last one that did not.
	failures int
}

func newLimiter(limit int) limiter { return limiter{max: limit, backoff: minBackoff} }

// wait returns how long to wait for the next start, while so many rows are active; 0 is
// at once.
func (l *limiter) wait(now time.Time, active int) time.Duration {
	switch {
	case active >= l.max:
		return maxBackoff // sooner, if one of them ends
	case l.full > 0 && active < l.full:
		return 0
	}
	return max(0, l.retryAt.Sub(now))
}

// started notes that a start went well, after which so many rows are active. Where there
// was more room than known it may be that of a row whose end was not seen yet, so the
// next try above it does not follow at once.
func (l *limiter) started(now time.Time, active int) {
	l.failures = 0
	if l.full > 0 && active > l.full {
		l.full, l.backoff = active, max(l.backoff/2, minBackoff)
		l.retryAt = now.Add(l.backoff)
	}
}

// onLimit notes that the account had no place for one more than active.
func (l *limiter) onLimit(now time.Time, active int) {
	l.failures, l.full = 0, active
	l.backOff(now, 0)
}

// failed notes that a start failed, and that another is of no use for a while. It
// reports whether that has happened too often.
func (l *limiter) failed(now time.Time, atLeast time.Duration) (tooOften bool) {
	l.failures++
	l.full = 0
	l.backOff(now, atLeast)
	return l.failures >= maxFailures
}

func (l *limiter) backOff(now time.Time, atLeast time.Duration) {
	l.retryAt = now.Add(max(l.backoff, atLeast))
	l.backoff = min(2*l.backoff, maxBackoff)
}
