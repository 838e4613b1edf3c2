package browseract

import (
	"testing"
	"time"
)

func TestDurationsFitEachOther(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		name          string
		less, greater time.Duration
	}{
		{"a start outlasts a silent read", silenceTimeout, StartTimeout},
		{"a start that is tried again has time for an answer", startRetryWindow, StartTimeout},
		{"a shared read outlasts one silent request", silenceTimeout, sharedReadTimeout},
		{"a poll outlasts two silent requests", 2 * silenceTimeout, retriedTimeout},
		{"a resume outlasts an unclear try and its pause", silenceTimeout + resumeRetryDelay, retriedTimeout},
		{"a resume is tried again while the earlier one counts", resumeRetryDelay, ResumeGrace},
		{"pauses between tries grow", minRetryDelay, maxRetryDelay},
		{"pauses between polls grow", minInterval, maxInterval},
		{"the age at which they grow lasts", youngAge, oldAge},
		{"a task is remembered for longer than an interval", maxInterval, forgetAfter},
		{"young tasks are polled while the lists may lag", minInterval, listLag},
		{"the cache outlasts the read that fills it", sharedReadTimeout, definitionTTL},
		{"clocks may differ by a whole second", time.Second, clockTolerance},
	} {
		if fact.less >= fact.greater {
			t.Errorf("%s: %v is not less than %v", fact.name, fact.less, fact.greater)
		}
	}
}
