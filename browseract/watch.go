package browseract

import (
	"context"
	"errors"
	"math"
	"time"
)

// A Watch says how to wait for a task.
type Watch struct {
	TaskID string
	// Since is when the task was started, by our clock and as far as the caller
	// knows: how often to look follows the task's age, every 2 s to every 10 s. The
	// zero value and the future stand for now; with the zero value the lists are
	// taken to show the task already.
	Since time.Time
	// IgnorePausedUntil is from when on a paused task ends the wait. The zero value
	// stands for at once; after a resume the API may say paused for some seconds.
	IgnorePausedUntil time.Time
	// Known is what the caller has seen of the task. The first look follows an
	// interval after Known.At, at once if that is over, unless a later look is
	// remembered. Nil: the caller has seen nothing.
	Known *Observation
	// Detail asks for the whole task at each look, with its steps, and not only for
	// its status. Where many tasks are watched it is not granted.
	Detail bool
	// Closing ends the wait when it is closed, as the end of its context does. Nil
	// never does.
	Closing <-chan struct{}
	// OnUpdate is told of each look that succeeded, in order. Nil tells nobody.
	OnUpdate func(Observation)
}

// A Observation is what one look at a task told.
type Observation struct {
	// Task has the id and the status at least; everything if Whole.
	Task  Task
	Detail bool
	// At is when the answer came. The zero value: at an unknown time, long ago.
	At time.Time
}

// Wait watches a task until it has ended, is paused, or ctx is done, and returns
// its last known status, empty if no look succeeded. The end of ctx is no error.
// A look that fails is an error only if it was the last one, or if further looks
// cannot help. All who wait for one task with one API key share its looks.
func (c *Client) Wait(ctx context.Context, w Watch) (TaskStatus, error) {
	seat := c.watchers.join(ctx, c, w)
	defer seat.leave()
	var status TaskStatus
	var failed error
	for {
		select {
		case <-ctx.Done():
			return status, failed
		case <-w.Closing:
			return status, failed
		case news := <-seat.news:
			if failed = news.err; failed != nil {
				if hopeless(failed) {
					return status, failed
				}
				continue
			}
			status = news.look.Task.Status
			if w.OnUpdate != nil {
				w.OnUpdate(news.look)
			}
			if w.over(status) {
				return status, nil
			}
		}
	}
}

func (w Watch) over(status TaskStatus) bool {
	return status.Ended() || (status == TaskPaused && !time.Now().Before(w.IgnorePausedUntil))
}

// hopeless reports whether the next look would fail as this one did.
func hopeless(err error) bool {
	var refusal *Error
	return errors.Is(err, ErrNoAPIKey) || errors.Is(err, ErrReplyTooLarge) || (errors.As(err, &refusal) && !refusal.Temporary())
}

const (
	minPace, maxPace = 1e-6, 1e6

	shortInterval = 2 * time.Second
	longInterval  = 10 * time.Second
	youngUntil    = 20 * time.Second
	oldFrom       = 90 * time.Second
)

// interval is how long to wait between two looks at a task of this age, at the
// client's pace.
func (c *Client) interval(age time.Duration) time.Duration {
	return scale(interval(scale(age, c.pace)), 1/c.pace)
}

func scale(d time.Duration, x float64) time.Duration { return time.Duration(float64(d) * x) }

// interval is how long to wait between two looks at a task of this age: most runs
// end within minutes, and those that last longer can be told of a little later.
func interval(age time.Duration) time.Duration {
	switch {
	case age < youngUntil:
		return shortInterval
	case age >= oldFrom:
		return longInterval
	}
	grown := math.Cbrt(float64(age-youngUntil) / float64(oldFrom-youngUntil))
	return shortInterval + time.Duration(grown*float64(longInterval-shortInterval))
}
