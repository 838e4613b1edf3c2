package browseract

import (
	"net/http"
	"sync/atomic"
	"time"
)

// A clock knows how far the API's clock is ahead of ours, from the Date headers of
// its replies.
type clock struct {
	offset atomic.Int64 // nanoseconds
	known  atomic.Bool
}

func (k *clock) update(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	offset := time.Until(at)
	if offset.Abs() < clockTolerance {
		offset = 0
	}
	k.offset.Store(int64(offset))
	k.known.Store(true)
}

// Now returns the time by the API's clock, exact to about two seconds; by ours before
// the first reply. The times of tasks are by that clock.
func (c *Client) Now() time.Time { return time.Now().Add(time.Duration(c.clock.offset.Load())) }

// ClockOffset returns how far the API's clock is ahead of ours, 0 where they agree to
// about two seconds; false before the first reply with a Date.
func (c *Client) ClockOffset() (time.Duration, bool) {
	return time.Duration(c.clock.offset.Load()), c.clock.known.Load()
}
