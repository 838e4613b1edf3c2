package streamable_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/streamable"
)

func TestPanicIsLoggedAndNotSent(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		cfg := streamable.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		s := start(t, cfg, tool("panic", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			panic("app-secret")
		}))
		got := s.do(t, request(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"panic"}}`))
		if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "goroutine") || strings.Contains(got.body, "secret") {
			t.Errorf("got %d %s", got.StatusCode, got.body)
		}
		if got := s.do(t, request(t, callEcho)); got.StatusCode != http.StatusOK {
			t.Errorf("the next call: got %d", got.StatusCode)
		}
	})
	if got := log.String(); !strings.Contains(got, "goroutine") || strings.Contains(got, "secret") {
		t.Errorf("got log %s, want a stack and no value", got)
	}
}

func TestPanicAfterAnAnswerBeganBreaksTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, streamable.Config{}, tool("panic", func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			_ = progress(ctx, req, 0)
			panic("late")
		}))
		resp, err := s.Do(request(t, callTool(1, "panic", `{}`)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("got a whole answer: %s", body)
		}
	})
}

func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		cfg := streamable.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
		s := start(t, cfg)
		r := request(t, callEcho, "Authorization", "Bearer secret", "X-Forwarded-For", "203.0.113.9")
		r.URL.RawQuery = "key=secret"
		s.do(t, r)
		r = request(t, callEcho, "Authorization", "secret")
		r.URL.Path = "/mcp/secret"
		s.do(t, r)
		s.do(t, request(t, callEcho, "Authorization", "Basic secret"))
	})
	got := log.String()
	if strings.Contains(got, "secret") || strings.Contains(got, "203.0.113.9") {
		t.Errorf("got %s", got)
	}
	for _, want := range []string{"method=POST path=/mcp status=200", "status=404", "status=401", "remote=127.0.0.1:50000"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
