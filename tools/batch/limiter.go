package batch

import "time"

// maxFailures is after how many starts in a row that failed a batch halts.
const maxFailures = 5

// A limiter says when the next row of a batch may start. The API does not say how many
// tasks an account may run at a time: its refusals show it. The zero value has no limit.
type limiter struct {
	full     int       // at how many active rows the account refused one more; 0: none yet
	retryAt  time.Time // no try before, unless a row ends after a refusal
	backoff  time.Duration
	failures int // since the last start that went well
}

// wait returns how long to wait before the next start, while so many rows are active; 0
// is at once.
func (l *limiter) wait(now time.Time, active int) time.Duration {
	if l.full > 0 && active < l.full {
		return 0
	}
	return max(0, l.retryAt.Sub(now))
}

// started notes a start that did not fail.
func (l *limiter) started() { l.failures = 0 }

// onLimit notes that the account had no place for one more than active.
func (l *limiter) onLimit(now time.Time, active int) {
	l.failures, l.full = 0, active
	l.backOff(now, 0)
}

// failed notes a start that failed. It reports whether that has happened too often.
func (l *limiter) failed(now time.Time, retryAfter time.Duration) (tooOften bool) {
	l.failures++
	l.full = 0
	l.backOff(now, retryAfter)
	return l.failures >= maxFailures
}

func (l *limiter) backOff(now time.Time, minimum time.Duration) {
	l.backoff = min(max(2*l.backoff, minBackoff), maxBackoff)
	l.retryAt = now.Add(max(l.backoff, minimum))
}
