package batch

import (
	"testing"
	"time"
)

func TestLimiterLearnsTheAccountsLimit(t *testing.T) {
	t.Parallel()
	var l limiter
	now := time.Unix(0, 0)
	for step, f := range []struct {
		do     func()
		active int
		wait   time.Duration
	}{
		{func() {}, 0, 0},
		{func() { l.onLimit(now, 3) }, 3, minBackoff},
		{func() { l.onLimit(now, 3) }, 3, 2 * minBackoff},
		{func() {}, 2, 0}, // a row has ended
		{func() { l.started() }, 3, 2 * minBackoff},
		{func() { l.failed(now, maxBackoff) }, 0, maxBackoff},
	} {
		if f.do(); l.wait(now, f.active) != f.wait {
			t.Errorf("step %d: waits %v, want %v", step, l.wait(now, f.active), f.wait)
		}
	}
}

func TestLimiterReportsTooManyFailures(t *testing.T) {
	t.Parallel()
	var l limiter
	for n := 1; n <= maxFailures; n++ {
		if tooOften := l.failed(time.Now(), 0); tooOften != (n == maxFailures) {
			t.Errorf("failure %d is too many: %v", n, tooOften)
		}
	}
	if l.backoff > maxBackoff {
		t.Errorf("backs off %v", l.backoff)
	}
}
