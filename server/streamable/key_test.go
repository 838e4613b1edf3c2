package streamable_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/streamable"
)

func TestAuthorizationIsAKeyOrAbsent(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{}, newMemory, []fact{
		{"no key", nil, 200},
		{"a key", []string{"Authorization", "Bearer app-1"}, 200},
		{"another case", []string{"Authorization", "bEARER app-1"}, 200},
		{"more spaces", []string{"Authorization", "Bearer   app-1"}, 200},
		{"another scheme", []string{"Authorization", "Basic dXNlcjpwYXNz"}, 401},
		{"no scheme", []string{"Authorization", "app-1"}, 401},
		{"an unset variable", []string{"Authorization", "Bearer "}, 401},
		{"an unexpanded variable", []string{"Authorization", "Bearer ${BROWSERACT_API_KEY}"}, 401},
		{"two words", []string{"Authorization", "Bearer app-1 app-2"}, 401},
		{"not ASCII", []string{"Authorization", "Bearer äpp"}, 401},
		{"endless", []string{"Authorization", "Bearer " + strings.Repeat("k", 2000)}, 401},
	})
}

func TestTwoKeysAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := request(t, callEcho)
		r.Header["Authorization"] = []string{"Bearer app-1", "Bearer app-2"}
		if got := start(t, streamable.Config{}).do(t, r); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("got %d, want 401", got.StatusCode)
		}
	})
}

func TestRefusedKeyIsNotEchoedAndNamesTheScheme(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := start(t, streamable.Config{}).do(t, request(t, callEcho, "Authorization", "Basic app-secret"))
		if got.Header.Get("WWW-Authenticate") != "Bearer" || strings.Contains(got.body, "app-secret") {
			t.Errorf("got %v %s", got.Header, got.body)
		}
	})
}

func TestKeyComesFromAuthorizationAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := request(t, callEcho, "X-Api-Key", "app-1", "Api-Key", "app-1", "Cookie", "key=app-1", "Proxy-Authorization", "Bearer app-1")
		r.URL.RawQuery = "api_key=app-1&access_token=app-1&key=app-1&token=app-1"
		got := start(t, streamable.Config{}).do(t, r)
		if !strings.Contains(got.body, `"key="`) {
			t.Errorf("got %s, want an empty key", got.body)
		}
	})
}

func TestWithoutKeyHandshakeAndListsWork(t *testing.T) {
	t.Parallel()
	for _, body := range []string{initialize, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, pingBody} {
		synctest.Test(t, func(t *testing.T) {
			got := start(t, streamable.Config{}).do(t, request(t, body))
			if got.StatusCode != http.StatusOK || !strings.Contains(got.body, `"result"`) {
				t.Errorf("%s: got %d %s", body, got.StatusCode, got.body)
			}
		})
	}
}

func TestKeysOfParallelCallsNeverMix(t *testing.T) {
	t.Parallel()
	s := start(t, streamable.Config{})
	var clients sync.WaitGroup
	for _, key := range []string{"app-1", "app-2", ""} {
		clients.Go(func() {
			for range 300 {
				headers := []string{"Authorization", "Bearer " + key}
				if key == "" {
					headers = nil
				}
				if got := s.do(t, request(t, callEcho, headers...)); !strings.Contains(got.body, `"key=`+key+`"`) {
					t.Errorf("key %q: got %s", key, got.body)
					return
				}
			}
		})
	}
	clients.Wait()
}

// A tool gets none of the headers that another server's clients steer it with.
func TestToolsSeeNoHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{}, tool("headers", func(_ context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText(fmt.Sprint(req.Header)), nil
		}))
		got := s.do(t, request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"headers"}}`,
			"Authorization", "Bearer secret", "Cookie", "secret", "X-Browseract-Api-Url", "secret", "X-Forwarded-For", "secret"))
		if !strings.Contains(got.body, `"map[]"`) {
			t.Errorf("got %s", got.body)
		}
	})
}
