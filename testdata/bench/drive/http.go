package drive

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// HTTP is a client of a server over streamable HTTP. It may be used by many
// callers at a time.
type HTTP struct {
	url     string
	http    *http.Client
	id      atomic.Int64
	session string // of a server that has sessions
}

// DialHTTP opens a session with the server at a URL. Callers beyond the first 64
// open a connection for each call.
func DialHTTP(ctx context.Context, url string) (*HTTP, error) {
	const callers = 64
	c := &HTTP{url: url, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}}
	_, header, err := c.post(ctx, request("0", "initialize", Initialize))
	if err != nil {
		return nil, err
	}
	c.session = header.Get("Mcp-Session-Id")
	_, _, err = c.post(ctx, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return c, err
}

// Call sends a request and returns the reply to it. When ctx ends before, it
// closes the connection.
func (c *HTTP) Call(ctx context.Context, method, params string) ([]byte, error) {
	reply, _, err := c.post(ctx, request(fmt.Sprint(c.id.Add(1)), method, params))
	return reply, err
}

// Close gives up the connections that wait for their next call.
func (c *HTTP) Close() { c.http.CloseIdleConnections() }

func (c *HTTP) post(ctx context.Context, message string) ([]byte, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(message))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Authorization", "Bearer "+Key)
	if c.session != "" {
		r.Header.Set("Mcp-Session-Id", c.session)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, nil, fmt.Errorf("%w: HTTP %d: %.200s", ErrRefused, response.StatusCode, reply)
	}
	return reply, response.Header, fault(reply)
}
