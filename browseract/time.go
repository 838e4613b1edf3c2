package browseract

import (
	"net/http"
	"time"
)

// StartTimeout is how long a start may take in all. It is never cut short, since a
// start cannot be repeated. What has to outlast a start is computed from it.
const StartTimeout = 15 * time.Second

// ResumeGrace is how long the API may still say paused after a resume. For so long
// a further resume of the same task does nothing.
const ResumeGrace = 15 * time.Second

// Timeouts of requests.
const (
	// silenceTimeout is how long a request waits for the next byte of its answer.
	silenceTimeout = 8 * time.Second
	// sharedReadTimeout bounds a read that several callers wait for: one request.
	sharedReadTimeout = silenceTimeout + 2*time.Second
	// retriedTimeout bounds a request of a poll and a resume without a deadline:
	// two requests, and the pause between them.
	retriedTimeout = 2*silenceTimeout + 4*time.Second
	// startRetryWindow is how long after its begin a start that was not sent may be
	// tried again. The rest of StartTimeout is enough for an answer.
	startRetryWindow = StartTimeout - 5*time.Second
)

// Pauses between the tries of a request.
const (
	minRetryDelay = 300 * time.Millisecond
	maxRetryDelay = 5 * time.Second
	maxRetryAfter = 24 * time.Hour
	// resumeRetryDelay is the pause after a resume that may have got through. It
	// ends within ResumeGrace, and before retriedTimeout.
	resumeRetryDelay = 6 * time.Second
)

// Pauses between the polls of a task, by its age: they grow from minInterval to
// maxInterval while the age grows from youngAge to oldAge.
const (
	minInterval = 2 * time.Second
	maxInterval = 10 * time.Second
	youngAge    = 20 * time.Second
	oldAge      = 90 * time.Second
	// forgetAfter is how long a task is remembered after its last subscriber left,
	// so that the next one continues its schedule.
	forgetAfter = 6 * maxInterval
	// listLag is how long after its start a task may be missing from the lists.
	listLag = 10 * time.Second
)

// How long the cache keeps what it holds.
const (
	definitionTTL = time.Minute
	finishedTTL   = 10 * time.Minute
	liveViewTTL   = 8 * time.Hour // no run lasts longer
)

// clockTolerance is the difference between two clocks that counts as none: the
// Date header has whole seconds.
const clockTolerance = 2 * time.Second

// updateClock learns from a Date header how far the API's clock is ahead of ours.
func (c *Client) updateClock(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	offset := time.Until(at)
	if offset.Abs() < clockTolerance {
		offset = 0
	}
	c.offset.Store(&offset)
}

// Now returns the time by the API's clock, exact to about two seconds; by ours before
// the first reply. The times of tasks are by that clock.
func (c *Client) Now() time.Time {
	offset, _ := c.ClockOffset()
	return time.Now().Add(offset)
}

// ClockOffset returns how far the API's clock is ahead of ours, 0 where they agree to
// about two seconds; false before the first reply with a Date.
func (c *Client) ClockOffset() (time.Duration, bool) {
	if offset := c.offset.Load(); offset != nil {
		return *offset, true
	}
	return 0, false
}
