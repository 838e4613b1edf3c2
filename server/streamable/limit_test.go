package streamable_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/server/streamable"
)

func TestOneCallerLeavesSlotsToTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHold()
		s := start(t, streamable.Config{MaxConcurrent: 40}, h.tool())
		var waiting []<-chan answer
		holds := func(key string) (n int) {
			for {
				call := s.pending(t, request(t, callHold, "Authorization", key))
				select {
				case <-h.entered:
					waiting = append(waiting, call)
					n++
				case got := <-call:
					if got.StatusCode != http.StatusServiceUnavailable {
						t.Fatalf("%s: got %d %s", key, got.StatusCode, got.body)
					}
					return n
				}
			}
		}
		if n := holds("Bearer app-greedy"); n != 30 {
			t.Errorf("one caller holds %d slots of 40, want 30", n)
		}
		for _, key := range []string{"Bearer app-b", "Bearer app-c"} {
			if n := holds(key); n != 2 {
				t.Errorf("%s holds %d of those that are left, want 2", key, n)
			}
		}
		if n := holds(""); n != 6 { // all callers may use one key
			t.Errorf("callers without a key hold %d of those that are left, want 6", n)
		}
		close(h.release)
		for _, call := range waiting {
			<-call
		}
		got := s.do(t, request(t, callHold, "Authorization", "Bearer app-greedy"))
		if !strings.Contains(got.body, "released") {
			t.Errorf("afterwards: got %d %s", got.StatusCode, got.body)
		}
	})
}
