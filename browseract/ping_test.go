package browseract_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestPingDistinguishesTheAPIFromOtherServers(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	refused := &browseract.Error{Endpoint: "list-workflows", StatusCode: 403, Message: "Forbidden"}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
		ahead   time.Duration
	}{
		"the API":       {simulator.New().ServeHTTP, nil, 0},
		"its 403":       {simulator.New(simulator.WithAuthStatus(403)).ServeHTTP, nil, 0},
		"another clock": {refusesIn(hour), nil, hour},
		"a proxy":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, refused, 0},
		"a page":        {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>Hello</h1>")) }, browseract.ErrUnreadable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := make(chan string, 10)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				keys <- r.Header.Get("Authorization")
				c.handler(w, r)
			}))
			defer server.Close()
			client, err := browseract.New(func(context.Context) string { return simulator.Key }, browseract.WithBaseURL(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			if err := client.Ping(t.Context()); !errors.Is(err, c.want) && (c.want == nil || err.Error() != c.want.Error()) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if key := <-keys; key != "" {
				t.Errorf("the request had the key %q", key)
			}
			if ahead, known := client.ClockOffset(); !known || (ahead-c.ahead).Abs() > 3*time.Second {
				t.Errorf("the clock is ahead by %s, %t, want %s", ahead, known, c.ahead)
			}
		})
	}
}

// refusesIn is an API whose clock is ahead by so much.
func refusesIn(ahead time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte(`{"code":401,"msg":"Invalid authorization"}`))
	}
}
