package browseract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxTries     = 3
	firstDelay   = 300 * time.Millisecond
	longestDelay = 5 * time.Second
)

// repeatable calls an endpoint whose repetition harms nobody, up to three times.
func repeatable[T resource](ctx context.Context, c *Client, req request) (T, error) {
	return retry(ctx, func() (T, error) { return call[T](ctx, c, req) }, worthRepeating)
}

// retry runs op up to three times, as long as again says that its error is worth
// another try and ctx leaves the time for it. It returns the last error of op
// itself, not the end of ctx, since that one says what went wrong.
func retry[T any](ctx context.Context, op func() (T, error), again func(error) bool) (T, error) {
	var last error
	result, err := backoff.Retry(ctx, func() (T, error) {
		v, err := op()
		last = err
		switch {
		case err == nil:
			return v, nil
		case !again(err):
			return v, backoff.Permanent(err)
		}
		return v, pause(ctx, err)
	}, backoff.WithBackOff(newBackOff()), backoff.WithMaxTries(maxTries))
	if err != nil {
		return result, last
	}
	return result, nil
}

func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = firstDelay
	b.MaxInterval = longestDelay
	return b
}

// pause turns err into what makes backoff wait: as long as the API asked for, if
// the caller has that long, else its own interval.
func pause(ctx context.Context, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.RetryAfter == 0 {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= refusal.RetryAfter {
		return backoff.Permanent(err)
	}
	return &backoff.RetryAfterError{Duration: refusal.RetryAfter}
}

// worthRepeating reports whether a request that changes nothing may be asked
// again: after 429, 5xx, a broken connection or no answer.
func worthRepeating(err error) bool {
	var refusal *Error
	switch {
	case errors.As(err, &refusal):
		return refusal.Temporary()
	case errors.Is(err, ErrNoAPIKey), errors.Is(err, ErrReplyTooLarge), errors.Is(err, ErrUnreadable):
		return false
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// get reads a resource.
func get[T resource](ctx context.Context, c *Client, endpoint string, query map[string][]string) (T, error) {
	return repeatable[T](ctx, c, request{method: http.MethodGet, endpoint: endpoint, query: query})
}

// put calls an endpoint that acts on a task and answers nothing, once.
func (c *Client) put(ctx context.Context, endpoint string, taskID string) error {
	rep, err := c.send(ctx, request{method: http.MethodPut, endpoint: endpoint, query: map[string][]string{"task_id": {taskID}}})
	if err != nil {
		return fmt.Errorf("browseract: %s: %w", endpoint, err)
	}
	return decodeEmpty(rep)
}
