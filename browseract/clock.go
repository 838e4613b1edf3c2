package browseract

import (
	"net/http"
	"time"
)

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
