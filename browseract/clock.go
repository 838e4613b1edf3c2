package browseract

import (
	"net/http"
	"sync/atomic"
	"time"
)

// A clock knows how far the API's clock runs ahead of ours, as its replies tell.
type clock struct {
	ahead atomic.Int64 // nanoseconds
	known atomic.Bool
}

// learn reads the Date header of a reply. It tells whole seconds, so a clock that
// is less than two seconds off is taken for right.
func (k *clock) learn(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	ahead := time.Until(at)
	if ahead.Abs() < 2*time.Second {
		ahead = 0
	}
	k.ahead.Store(int64(ahead))
	k.known.Store(true)
}

// Now returns the time by the API's clock, as the latest reply told it; ours before
// the first reply. The times of tasks are by that clock. It is exact to about two
// seconds.
func (c *Client) Now() time.Time { return time.Now().Add(time.Duration(c.clock.ahead.Load())) }

// ClockOffset returns how far the API's clock runs ahead of ours, 0 where they agree to
// about two seconds; false before the first reply that told its time.
func (c *Client) ClockOffset() (time.Duration, bool) {
	return time.Duration(c.clock.ahead.Load()), c.clock.known.Load()
}

// Hold makes [Client.DrainStarts] wait until release is called: for what belongs
// to a start after its answer has come.
func (c *Client) Hold() (release func()) { return c.starts.add() }
