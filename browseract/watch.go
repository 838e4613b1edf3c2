package browseract

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Watch is how to wait for a task.
type Watch struct {
	TaskID string
	// Since is when the task was started, by our clock. The pauses between polls grow
	// with the task's age, from 2 s to 10 s. The zero value and the future mean now;
	// the zero value also means that the lists show the task already.
	Since time.Time
	// IgnorePausedUntil is from when on a paused task ends the wait. The zero value
	// means at once; after a resume the API may say paused for some seconds.
	IgnorePausedUntil time.Time
	// Known is the caller's latest observation, nil for none. The first poll follows
	// one interval after Known.At, unless a later observation is remembered.
	Known *Observation
	// Detail asks to poll the whole task, with its steps, and not only its status. It
	// is ignored while many tasks are watched.
	Detail bool
	// Closing ends the wait when it is closed, as the end of ctx does. Nil never does.
	Closing <-chan struct{}
	// OnUpdate is called with each observation, in order. Nil: none is reported.
	OnUpdate func(Observation)
}

// An Observation is the result of one poll of a task.
type Observation struct {
	// Task has the id and the status at least; everything if Detail.
	Task   Task
	Detail bool
	// At is when the answer arrived. The zero value: at an unknown time, long ago.
	At time.Time
}

// Wait polls a task until it has ended, is paused, or ctx is done, and returns its
// last known status, empty if no poll succeeded. The end of ctx is no error. A failed
// poll is an error only if it was the last one, or if further polls cannot help. All
// callers that wait for one task with one API key share its polls.
func (c *Client) Wait(ctx context.Context, w Watch) (TaskStatus, error) {
	sub := c.watchers.subscribe(ctx, c, w)
	defer sub.leave()
	var status TaskStatus
	var failed error
	for {
		select {
		case <-ctx.Done():
			return status, failed
		case <-w.Closing:
			return status, failed
		case u := <-sub.updates:
			if failed = u.err; failed != nil {
				if permanent(failed) {
					return status, failed
				}
				continue
			}
			status = u.seen.Task.Status
			if w.OnUpdate != nil {
				w.OnUpdate(u.seen)
			}
			if w.done(status) {
				return status, nil
			}
		}
	}
}

func (w Watch) done(status TaskStatus) bool {
	return status.Ended() || (status == TaskPaused && !time.Now().Before(w.IgnorePausedUntil))
}

// permanent reports whether the next poll would fail as this one did.
func permanent(err error) bool {
	var apiErr *Error
	return errors.Is(err, ErrNoAPIKey) || errors.Is(err, ErrReplyTooLarge) || (errors.As(err, &apiErr) && !apiErr.Temporary())
}

// Observe returns the state of a task before a wait for it: an observation of the
// same caller's [Client.Wait] that is less than an interval old, of an ended task its
// summary; else the task as it is read now. While many tasks are watched, it waits for
// the next poll of the lists instead, since reading each task would cost more than the
// waits, and reads the task only once direct is closed. The end of ctx does not
// stop a read, which then serves the next caller.
func (c *Client) Observe(ctx context.Context, id string, direct <-chan struct{}) (Observation, error) {
	sub, byList := c.watchers.subscribeFirst(ctx, c, id)
	defer sub.leave()
	if !byList {
		direct = nil
	}
	if u, ok := sub.pending(); ok {
		return u.seen, u.err
	}
	select {
	case u := <-sub.updates:
		return u.seen, u.err
	case <-ctx.Done():
		return Observation{}, fmt.Errorf("browseract: get-task: %w", ctx.Err())
	case <-direct:
	}
	task, err := c.Task(ctx, id)
	return Observation{task, true, time.Now()}, err
}

// interval returns the pause between two polls of a task of this age, at the client's
// poll rate.
func (c *Client) interval(age time.Duration) time.Duration {
	return scale(interval(scale(age, c.pollRate)), 1/c.pollRate)
}

func scale(d time.Duration, x float64) time.Duration { return time.Duration(float64(d) * x) }

// interval returns the pause between two polls of a task of this age: most runs end
// within minutes, and the end of a longer one may be noticed a little later.
func interval(age time.Duration) time.Duration {
	switch {
	case age < youngAge:
		return minInterval
	case age >= oldAge:
		return maxInterval
	}
	grown := math.Cbrt(float64(age-youngAge) / float64(oldAge-youngAge))
	return minInterval + time.Duration(grown*float64(maxInterval-minInterval))
}
