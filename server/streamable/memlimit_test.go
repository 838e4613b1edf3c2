package streamable_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// Each of them is within its own limit; together they would be the end of the process.
func TestLargeRequestsThatWaitAreBoundedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const largest = 200_000
		h := newHold()
		s := start(t, streamable.Config{MaxBody: largest}, h.tool())
		large := func(id int) string {
			return callTool(id, "hold", fmt.Sprintf(`{"x":%q}`, strings.Repeat("x", largest-1000)))
		}
		var waiting []<-chan answer
		for refused := false; !refused; {
			call := s.pending(t, request(t, large(len(waiting))))
			select {
			case <-h.entered:
				waiting = append(waiting, call)
			case got := <-call:
				refused = true
				if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
					t.Errorf("got %d %.300s", got.StatusCode, got.body)
				}
			}
		}
		if n := len(waiting); n < 32 || n > 64 {
			t.Errorf("%d large calls wait at a time, want 32 to 64", n)
		}
		if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
			t.Errorf("a call of the usual size: got %d %s", got.StatusCode, got.body)
		}
		close(h.release)
		for _, call := range waiting {
			<-call
		}
		if got := s.do(t, request(t, large(0))); !strings.Contains(got.body, "released") {
			t.Errorf("afterwards: got %d %.300s", got.StatusCode, got.body)
		}
	})
}
