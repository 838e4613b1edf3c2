package browseract

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxTries     = 3
	firstDelay   = 300 * time.Millisecond
	longestDelay = 5 * time.Second
)

// A rule says whether what failed with err may be tried again, and how long to
// wait before at least; 0 leaves that to the backoff.
type rule func(err error) (wait time.Duration, again bool)

// retry runs op up to three times, as long as the rule allows it and ctx leaves
// the time for it. It returns the last error of op itself, not the end of ctx,
// since that one says what went wrong.
func retry[T any](ctx context.Context, op func() (T, error), allowed rule) (T, error) {
	var last error
	result, err := backoff.Retry(ctx, func() (T, error) {
		v, err := op()
		last = err
		if err == nil {
			return v, nil
		}
		wait, again := allowed(err)
		switch {
		case !again || !leaves(ctx, wait):
			return v, backoff.Permanent(err)
		case wait > 0:
			return v, &backoff.RetryAfterError{Duration: wait + rand.N(firstDelay)}
		}
		return v, err
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

// leaves reports whether ctx lasts longer than wait.
func leaves(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// worthRepeating is the rule for requests that change nothing: after 429, 5xx, a
// broken connection or no answer, and not before the API wants it.
func worthRepeating(err error) (wait time.Duration, again bool) {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.RetryAfter, refusal.Temporary()
	}
	return 0, IsTransport(err)
}
