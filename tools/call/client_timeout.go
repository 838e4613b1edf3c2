package call

import (
	"context"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

// timeoutOf is how long the client gives a call: as the operator says, else as is known
// of a client of that name; 0: it is not known. From 2026-07-28 on a client's name is
// not to change what it gets.
func (s *Calls) timeoutOf(ctx context.Context) time.Duration {
	if s.ClientTimeout > 0 || server.IsModernRequest(ctx) {
		return s.ClientTimeout
	}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return documentedTimeout(session.GetClientInfo().Name)
	}
	return 0
}

// A KnownClient is a client whose timeout is known.
type KnownClient struct {
	Name    string // by which it introduces itself, or how that begins
	Timeout time.Duration
}

// KnownClients are those whose documentation says that they give a call less time than
// one may take. They are recognized by their names in sessions over stdio before
// 2026-07-28, where the operator sets no timeout.
func KnownClients() []KnownClient {
	return []KnownClient{
		{"spring-ai-mcp-client", 20 * time.Second}, // " - " and the connection's name follow
		{"@librechat/api-client", 30 * time.Second},
	}
}

func documentedTimeout(name string) time.Duration {
	for _, known := range KnownClients() {
		if strings.HasPrefix(name, known.Name) {
			return known.Timeout
		}
	}
	return 0
}
