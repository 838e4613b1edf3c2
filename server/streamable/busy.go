package streamable

import (
	"context"
	"net/http"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

const retryAfter = "2" // seconds

// limitCalls lets limit calls run at a time and answers 503 above. It comes
// after the body was read, so a client that dawdles over sending holds no slot.
// Subscriptions have as many slots of their own: they need no key and have no end, so
// a stranger could take those of the calls for good.
func limitCalls(limit int) middleware {
	calls, subscriptions := newSlots(limit), newSlots(limit)
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
			release, ok := slots.take(r.Context())
			if !ok {
				w.Header().Set("Retry-After", retryAfter)
				refuse(w, m.id, http.StatusServiceUnavailable, codeBusy, "The server is busy: too many calls are in flight. Try again in a few seconds.")
				return
			}
			defer release()
			next.ServeHTTP(w, r)
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

const (
	keptFree  = 4  // one in so many slots is kept for callers who hold few
	fewOfThem = 20 // who hold less than one in so many
)

// slots are shared by callers. One of them who waits for a thousand things leaves
// some to the others.
type slots struct {
	mu          sync.Mutex
	limit, free int
	held        map[string]int // by key
}

func newSlots(limit int) *slots {
	return &slots{limit: limit, free: limit, held: make(map[string]int)}
}

// take returns what gives the slot back. Requests without a key count as nobody's:
// they end at once, or everybody uses the operator's.
func (s *slots) take(ctx context.Context) (release func(), ok bool) {
	key := BearerFromContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	scarce := s.free <= s.limit/keptFree
	if s.free == 0 || scarce && key != "" && s.held[key] >= max(1, s.limit/fewOfThem) {
		return nil, false
	}
	s.free--
	s.held[key]++
	return func() { s.giveBack(key) }, true
}

func (s *slots) giveBack(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	if s.held[key]--; s.held[key] == 0 {
		delete(s.held, key)
	}
}
