package browseract

import (
	"context"
	"errors"
	"time"
)

// A Watch says how to wait for a task.
type Watch struct {
	TaskID string
	// Since is when the task was started, as far as the caller knows: how often to
	// look follows the task's age. The zero value stands for now.
	Since time.Time
	// PausedCounts is from when on a paused task ends the wait. The zero value
	// stands for at once; after a resume the API may say paused for some seconds.
	PausedCounts time.Time
	// Detail reads the whole task at each look, with its steps, and not only its
	// status.
	Detail bool
	// Seen is told of each look that succeeded; of a look without Detail it knows
	// the id and the status. Nil tells nobody.
	Seen func(Task)
}

// Wait looks at a task until it has ended, is paused, or ctx is done, and returns
// its last known status, empty if no look succeeded. The end of ctx is no error.
// A look that fails is an error only if it was the last one, or if further looks
// cannot help.
func (c *Client) Wait(ctx context.Context, w Watch) (TaskStatus, error) {
	if w.Since.IsZero() {
		w.Since = time.Now()
	}
	var status TaskStatus
	for {
		task, err := c.look(ctx, w)
		switch {
		case err == nil:
			status = task.Status
			if w.Seen != nil {
				w.Seen(task)
			}
			if w.over(status) {
				return status, nil
			}
		case ctx.Err() != nil:
			return status, nil
		case hopeless(err):
			return status, err
		}
		select {
		case <-ctx.Done():
			return status, err
		case <-time.After(c.interval(time.Since(w.Since))):
		}
	}
}

func (c *Client) look(ctx context.Context, w Watch) (Task, error) {
	if w.Detail {
		return c.Task(ctx, w.TaskID)
	}
	status, err := c.TaskStatus(ctx, w.TaskID)
	return Task{TaskSummary: TaskSummary{ID: ID(w.TaskID), Status: status}}, err
}

func (w Watch) over(status TaskStatus) bool {
	return status.Ended() || (status == TaskPaused && !time.Now().Before(w.PausedCounts))
}

// hopeless reports whether the next look would fail as this one did.
func hopeless(err error) bool {
	var refusal *Error
	return errors.Is(err, ErrNoAPIKey) || errors.Is(err, ErrReplyTooLarge) || (errors.As(err, &refusal) && !refusal.Temporary())
}

const (
	minPace, maxPace = 1e-6, 1e6
	shortInterval    = 2 * time.Second
	longInterval     = 10 * time.Second
	youngUntil       = 20 * time.Second
	oldFrom          = 90 * time.Second
)

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
	grown := float64(age-youngUntil) / float64(oldFrom-youngUntil)
	return shortInterval + time.Duration(grown*float64(longInterval-shortInterval))
}
