package browseract

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const maxTries = 3

// A rule reports whether to try again after err, and the minimum wait before; 0
// leaves the wait to the backoff.
type rule func(err error) (wait time.Duration, again bool)

// retry runs op up to three times, as long as the rule allows it and ctx leaves the
// time for it. It returns op's last error, which says more than the end of ctx.
func retry[T any](ctx context.Context, op func() (T, error), allowed rule) (T, error) {
	var last error
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = minRetryDelay, maxRetryDelay
	result, err := backoff.Retry(ctx, func() (T, error) {
		v, err := op()
		last = err
		if err == nil {
			return v, nil
		}
		wait, again := allowed(err)
		switch {
		case !again || !outlasts(ctx, wait):
			return v, backoff.Permanent(err)
		case wait > 0:
			return v, &backoff.RetryAfterError{Duration: wait + rand.N(minRetryDelay)}
		}
		return v, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries))
	if err != nil {
		return result, last
	}
	return result, nil
}

// outlasts reports whether ctx lasts longer than wait.
func outlasts(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// retryable is the rule for requests that a repeat cannot harm: after 429, 5xx, a
// broken connection or no answer, and not before the time that the API asks for.
func retryable(err error) (wait time.Duration, again bool) {
	if apiErr, ok := errors.AsType[*Error](err); ok {
		return apiErr.RetryAfter, apiErr.Temporary()
	}
	return 0, IsTransport(err)
}
