package streamable

import (
	"context"
	"net/http"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	retryAfter    = "2" // seconds
	reservedShare = 4   // one in so many slots is reserved for callers who hold few
	fewShare      = 20  // which is less than one in so many
)

// limitCalls lets limit calls run at a time and answers 503 above. A client that still
// sends its body holds no slot. Subscriptions have as many slots of their own: they need no
// key and have no end.
func limitCalls(limit int) middleware {
	calls, subscriptions := newSlots(limit), newSlots(limit)
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		m := messageOf(r.Context())
		slots := calls
		switch {
		case m.Listens():
			slots = subscriptions
		case !mayWait(m):
			next.ServeHTTP(w, r)
			return
		}
		release, ok := slots.acquire(r.Context())
		if !ok {
			refuseBusy(w, m.ID, errTooMany)
			return
		}
		defer release()
		next.ServeHTTP(w, r)
	}
}

// mayWait reports whether the method runs code. Others are answered by a full server too.
func mayWait(m *rpc.Message) bool {
	switch mcp.MCPMethod(m.Method) {
	case mcp.MethodToolsCall, mcp.MethodResourcesRead, mcp.MethodPromptsGet, mcp.MethodCompletionComplete:
		return true
	}
	return false
}

// slots are shared by callers: one with a thousand waits leaves some to the others.
type slots struct {
	mu          sync.Mutex
	limit, free int
	held        map[string]int // by key
}

func newSlots(limit int) *slots {
	return &slots{limit: limit, free: limit, held: make(map[string]int)}
}

// acquire returns what releases the slot. Requests without a key are not counted as
// one caller's: they end at once, or all use the operator's.
func (s *slots) acquire(ctx context.Context) (release func(), ok bool) {
	key := BearerFromContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	scarce := s.free <= s.limit/reservedShare
	if s.free == 0 || scarce && key != "" && s.held[key] >= max(1, s.limit/fewShare) {
		return nil, false
	}
	s.free--
	s.held[key]++
	return func() { s.release(key) }, true
}

func (s *slots) release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	if s.held[key]--; s.held[key] == 0 {
		delete(s.held, key)
	}
}
