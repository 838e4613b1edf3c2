package cli_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// A service is a command that runs until it is stopped.
type service struct {
	t     *testing.T
	stop  context.CancelFunc
	lines chan string // of stderr
	done  chan error
}

// start starts a command that serves. It is stopped, and has to end well, at the
// end of the test.
func start(t *testing.T, env environment, args ...string) *service {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	log, stderr := io.Pipe()
	s := &service{t: t, stop: cancel, lines: make(chan string, 1000), done: make(chan error, 1)}
	go func() { // ends with the command, which the test waits for
		err := cli.Run(ctx, cli.Program{Version: "v1.2.3"}, args, env.get, strings.NewReader(""), io.Discard, stderr)
		_ = stderr.Close()
		s.done <- err
	}()
	go func() { // ends with stderr
		defer close(s.lines)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			s.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-s.done; err != nil {
			t.Errorf("%v ended with %v", args, err)
		}
	})
	return s
}

// awaitLine returns what follows mark in the first line of stderr that has it.
func (s *service) awaitLine(mark string) string {
	s.t.Helper()
	var seen []string
	for line := range s.lines {
		if _, after, ok := strings.Cut(line, mark); ok {
			return after
		}
		seen = append(seen, line)
	}
	s.t.Fatalf("no line has %q:\n%s", mark, strings.Join(seen, "\n"))
	return ""
}

// startHTTP starts the http command on a free port and returns its endpoint.
func startHTTP(t *testing.T, env environment, args ...string) (url string, s *service) {
	t.Helper()
	s = start(t, env, append([]string{"http", "--listen=127.0.0.1:0"}, args...)...)
	return s.awaitLine("listening url="), s
}

// An exchange is what came back for a request.
type exchange struct {
	status int
	body   string
	err    error
}

// post sends a message with a key, "" for none.
func post(ctx context.Context, client *http.Client, url, key, message string) exchange {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(message))
	if err != nil {
		return exchange{err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := client.Do(req)
	if err != nil {
		return exchange{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return exchange{resp.StatusCode, string(body), err}
}
