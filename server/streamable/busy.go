package streamable

import (
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
)

const retryAfter = "2" // seconds

// limitCalls lets limit calls run at a time and answers 503 above. It comes
// after the body was read, so a client that dawdles over sending holds no slot.
// Subscriptions have as many slots of their own: they need no key and have no end, so
// a stranger could take those of the calls for good.
func limitCalls(limit int) middleware {
	calls, subscriptions := make(chan struct{}, limit), make(chan struct{}, limit)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			m := messageOf(r.Context())
			slots := calls
			switch {
			case m.listens():
				slots = subscriptions
			case !mayWait(m):
				next.ServeHTTP(w, r)
				return
			}
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
				next.ServeHTTP(w, r)
			default:
				w.Header().Set("Retry-After", retryAfter)
				refuse(w, m.id, http.StatusServiceUnavailable, codeBusy, "The server is busy: too many calls are in flight. Try again in a few seconds.")
			}
		})
	}
}

// mayWait says whether the method runs code that can take its time. Everything
// else is answered from memory, and a full server still answers it.
func mayWait(m *message) bool {
	switch mcp.MCPMethod(m.method) {
	case mcp.MethodToolsCall, mcp.MethodResourcesRead, mcp.MethodPromptsGet, mcp.MethodCompletionComplete:
		return true
	}
	return false
}
