package browseract

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// StopTask stops a task for good. If the task has ended before, ended is true and
// err is nil. (PUT /v2/workflow/stop-task)
func (c *Client) StopTask(ctx context.Context, id string) (ended bool, err error) {
	defer c.watchers.invalidate(c.key(ctx), id)
	_, err = retry(ctx, func() (struct{}, error) { return struct{}{}, c.put(ctx, "stop-task", id) }, retryable)
	if errors.Is(err, &Error{Code: CodeTaskEnded}) {
		return true, nil
	}
	return false, err
}

// resumeName is the name under which the cache keeps until when a resume counts.
func (c *Client) resumeName(ctx context.Context, id string) cacheName {
	return cacheName{c.key(ctx), "resumed " + id}
}

// IgnorePausedUntil returns until when the API may say paused although the same
// caller has resumed the task: [ResumeGrace] after the resume. The zero value means
// that there was none.
func (c *Client) IgnorePausedUntil(ctx context.Context, id string) time.Time {
	until, _ := lookup[time.Time](&c.cache, c.resumeName(ctx, id))
	return until
}

// ResumeTask lets a paused task continue, or fails with a [*NotPausedError]. A
// second resume could skip the next human step, so every try reads the status first,
// some seconds after a try that may have got through; resumes at the same time are
// one, and one within [ResumeGrace] after another does nothing. The end of ctx does
// not stop a resume that has begun. (PUT /v2/workflow/resume-task)
func (c *Client) ResumeTask(ctx context.Context, id string) error {
	name := c.resumeName(ctx, id)
	if _, resumed := lookup[time.Time](&c.cache, name); resumed {
		return nil
	}
	_, err := joined(ctx, c, name, func() (struct{}, error) {
		defer c.starts.add()()
		timeout := retriedTimeout
		if deadline, ok := ctx.Deadline(); ok {
			timeout = time.Until(deadline)
		}
		own, cancel := detached(ctx, timeout)
		defer cancel()
		r := resumption{client: c, id: id}
		_, err := retry(own, func() (struct{}, error) { return struct{}{}, r.try(own) }, r.retryable)
		if err == nil || r.unclear {
			c.watchers.invalidate(name.key, id)
			c.cache.put(name, time.Now().Add(ResumeGrace), ResumeGrace)
		}
		return struct{}{}, err
	})
	return err
}

// A resumption is the state that the tries of one resume share.
type resumption struct {
	client  *Client
	id      string
	unclear bool // an earlier try may have got through
}

func (r *resumption) try(ctx context.Context) error {
	now, err := call[statusReply](ctx, r.client, request{method: http.MethodGet, endpoint: "get-task-status", query: taskQuery(r.id)})
	switch {
	case err != nil:
		return err
	case now.Status == TaskPaused:
		return r.put(ctx)
	case r.unclear:
		return nil // an earlier try got through, only its answer was lost
	}
	return &NotPausedError{now.Status}
}

func (r *resumption) put(ctx context.Context) error {
	err := r.client.put(ctx, "resume-task", r.id)
	if r.unclear && errors.Is(err, &Error{Code: CodeTaskNotPaused}) {
		return nil
	}
	r.unclear = r.unclear || unclear(err)
	return err
}

func (r *resumption) retryable(err error) (wait time.Duration, again bool) {
	wait, again = retryable(err)
	if r.unclear {
		wait = max(wait, resumeRetryDelay)
	}
	return wait, again
}
