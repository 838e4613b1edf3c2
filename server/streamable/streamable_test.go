package streamable_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/server/streamable"
)

func TestCallIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}).do(t, request(t, callEcho, "Authorization", "Bearer app-1"))
		if got.StatusCode != http.StatusOK || !strings.Contains(got.body, "key=app-1") {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
	})
}
