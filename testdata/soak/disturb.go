package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

// tooLong is beyond what a message may have.
const tooLong = 5 << 20

// disturb sends what is no call.
func (t *target) disturb(ctx context.Context, c *chance) error {
	if client, ok := t.caller.(*drive.Stdio); ok {
		return client.Send(c.pick([]string{
			`{"jsonrpc":"2.0","id":1,"method":`, `[]`, `null`, `{"jsonrpc":"1.0","id":"x","method":"ping"}`, "\xff\xfe", "",
			`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"unknown"}}`,
			`{"jsonrpc":"2.0","id":"r","result":{}}`, `{"jsonrpc":"2.0","id":"long","method":"ping","params":"` + strings.Repeat("x", tooLong) + `"}`,
		}))
	}
	address, err := t.server.URL()
	if err != nil {
		return err
	}
	if c.below(2) == 0 {
		return cutShort(ctx, address)
	}
	return oddRequest(ctx, address, c)
}

// cutShort hangs up in the middle of a request.
func cutShort(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"jsonrpc\":", u.Host)
	_ = conn.Close()
	return err
}

// oddRequest sends a request that has to be answered, and not with success.
func oddRequest(ctx context.Context, address string, c *chance) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, c.pick([]string{http.MethodPost, http.MethodGet, http.MethodDelete}), address+c.pick([]string{"", "/x", "?key=app-1"}),
		strings.NewReader(c.pick([]string{"{", "[]", "", strings.Repeat("x", tooLong)})))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", c.pick([]string{"application/json", "text/plain"}))
	r.Header.Set("Origin", c.pick([]string{"https://evil.example.com", "null", "http://localhost"}))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil // the server may hang up on a body that is too large
	}
	defer response.Body.Close()
	if response.StatusCode < http.StatusBadRequest {
		return fmt.Errorf("HTTP %d to an odd request", response.StatusCode)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return nil
}

// visit opens a server over stdio, begins calls and goes away in the midst of
// them without a word. The server has to end by itself.
func (s *soak) visit(ctx context.Context, within bool) error {
	server, err := s.start(ctx, "visits", within)
	if err != nil {
		return err
	}
	client, err := drive.DialStdio(ctx, server)
	if err != nil {
		return err
	}
	leaving, cancel := context.WithTimeout(ctx, time.Duration(s.chance.below(200))*time.Millisecond)
	defer cancel()
	for range 3 {
		go func() { _, _ = client.Call(leaving, "tools/call", "{"+s.aRun(20)+"}") }() // ends with leaving
	}
	<-leaving.Done()
	s.tally.visits.Add(1)
	return server.HangUp()
}
