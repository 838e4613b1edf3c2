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

// A KnownClient is a client of which is known how long it waits.
type KnownClient struct {
	Name    string // by which it introduces itself, or how that begins
	Timeout time.Duration
}

// KnownClients are those whose documentation says that they give a call less than
// one may take. They are told by their names in sessions over stdio before
// 2026-07-28, where the operator says nothing.
func KnownClients() []KnownClient {
	return []KnownClient{
		{"spring-ai-mcp-client", 20 * time.Second}, // " - " and the connection's name follow
		{"@librechat/api-client", 30 * time.Second},
	}
}

// documentedTimeout is what a client of that name gives a call; 0: nobody knows.
func documentedTimeout(name string) time.Duration {
	for _, known := range KnownClients() {
		if strings.HasPrefix(name, known.Name) {
			return known.Timeout
		}
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
