package browseract

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// StopTask stops a task for good. It reports ended where the API says that the
// task has ended already, which is no error. (PUT /v2/workflow/stop-task)
func (c *Client) StopTask(ctx context.Context, id string) (ended bool, err error) {
	defer c.watchers.outdate(c.key(ctx), id)
	_, err = retry(ctx, func() (struct{}, error) { return struct{}{}, c.put(ctx, "stop-task", id) }, worthRepeating)
	if errors.Is(err, &Error{Code: CodeTaskEnded}) {
		return true, nil
	}
	return false, err
}

// resumeSettles is how long the API may still say paused after a resume that it
// has accepted.
const resumeSettles = 6 * time.Second

// ResumeGrace is how long the API may still say paused after a resume. For so long
// a further resume of the same task does nothing.
const ResumeGrace = 15 * time.Second

// resumed begins the names under which the cache keeps until when resumes count.
const resumed = "resumed "

// IgnorePausedUntil returns from when on a task that says paused is paused: 15 s after
// the same caller has resumed it, since the API may be late. The zero value: there
// was no such resume.
func (c *Client) IgnorePausedUntil(ctx context.Context, id string) time.Time {
	until, _ := c.cache.get(cacheName{c.key(ctx), resumed + id})
	at, _ := until.(time.Time)
	return at
}

// ResumeTask lets a paused task go on, or fails with a [*NotPausedError]. A second
// resume could skip the next human step, so every try reads the status first, some
// seconds after a try that may have got through; resumes at the same time are one,
// and one within 15 s after another does nothing. A caller that goes away does not
// stop a resume that has begun. (PUT /v2/workflow/resume-task)
func (c *Client) ResumeTask(ctx context.Context, id string) error {
	name := cacheName{c.key(ctx), resumed + id}
	if _, just := c.cache.get(name); just {
		return nil
	}
	done := c.cache.flight.DoChan(name.key+"\x00"+name.what, func() (any, error) {
		defer c.starts.add()()
		own, cancel := ownTime(ctx)
		defer cancel()
		r := resumption{client: c, id: id}
		_, err := retry(own, func() (struct{}, error) { return struct{}{}, r.try(own) }, r.allowed)
		if err == nil || r.unclear {
			c.watchers.outdate(name.key, id)
			c.cache.put(name, time.Now().Add(ResumeGrace), ResumeGrace)
		}
		return nil, err
	})
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ownTime returns a context that keeps the caller's key and deadline and not its
// cancellation. Without a deadline it lasts 20 s.
func ownTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(20 * time.Second)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// A resumption is what the tries of one resume know of each other.
type resumption struct {
	client *Client
	id     string
	// unclear says that an earlier try may have got through.
	unclear bool
}

func (r *resumption) try(ctx context.Context) error {
	now, err := call[statusReply](ctx, r.client, request{method: http.MethodGet, endpoint: "get-task-status", query: taskQuery(r.id)})
	switch {
	case err != nil:
		return err
	case now.Status == TaskPaused:
		return r.put(ctx)
	case r.unclear:
		return nil // an earlier try got through, only its answer did not
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

func (r *resumption) allowed(err error) (wait time.Duration, again bool) {
	wait, again = worthRepeating(err)
	if r.unclear {
		wait = max(wait, resumeSettles)
	}
	return wait, again
}

// put calls an endpoint that acts on a task and answers nothing, once.
func (c *Client) put(ctx context.Context, endpoint, id string) error {
	rep, err := c.send(ctx, request{method: http.MethodPut, endpoint: endpoint, query: taskQuery(id)})
	if err != nil {
		return err
	}
	return decodeEmpty(rep)
}
