package tools

import (
	"context"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

// mostMargin is how much earlier than its client gives up a call answers at most;
// for a short time it is a fifth of it.
const mostMargin = 2 * time.Second

type givenKey struct{}

// withGiven notes how long the client gives the call; 0: nobody knows.
func withGiven(ctx context.Context, given time.Duration) context.Context {
	return context.WithValue(ctx, givenKey{}, given)
}

func givenTo(ctx context.Context) time.Duration {
	given, _ := ctx.Value(givenKey{}).(time.Duration)
	return given
}

// clientTimeout is how long the client gives a call: as the operator says, else as
// is known of a client of that name; 0 if nobody knows. From 2026-07-28 on a
// client's name is not to change what it gets.
func (t *toolset) clientTimeout(ctx context.Context) time.Duration {
	if t.ClientTimeout > 0 || server.IsModernRequest(ctx) {
		return t.ClientTimeout
	}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return documentedTimeout(session.GetClientInfo().Name)
	}
	return 0
}

// documentedTimeout is what clients of a name give a call by their documentation,
// where that is less than a call may take; 0 for all others.
func documentedTimeout(name string) time.Duration {
	switch {
	case strings.HasPrefix(name, "spring-ai-mcp-client"): // " - " and the connection's name follow
		return 20 * time.Second
	case name == "@librechat/api-client":
		return 30 * time.Second
	}
	return 0
}

// answerWithin is how long a call may take whose client gives it so long.
func answerWithin(given time.Duration) time.Duration { return given - min(mostMargin, given/5) }

// waitWithin is how long of that it may wait: the last look comes after.
func waitWithin(given time.Duration) time.Duration {
	whole := answerWithin(given)
	return whole - min(lastLook, whole/3)
}

// hurried bounds a call about a task by what earlier calls about it have shown of
// their client.
func (t *toolset) hurried(ctx context.Context, s *sighting) (context.Context, context.CancelFunc) {
	given, leave := t.memory.enter(ctx, t.remembered(ctx, s), s.deduplicated)
	if known := givenTo(ctx); given == 0 || (known > 0 && known <= given) {
		return ctx, leave
	}
	short, cancel := context.WithDeadline(withGiven(ctx, given), arrival(ctx).Add(answerWithin(given)))
	return short, func() { leave(); cancel() }
}
