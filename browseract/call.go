package browseract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// silenceTimeout is how long a request hears nothing, before its answer or in
	// the middle of it, until it is given up.
	silenceTimeout = 8 * time.Second
	// StartTimeout is how long a start may take in all. It is never given up
	// earlier, since it cannot be asked again.
	StartTimeout = 15 * time.Second
)

var errNoAnswer = errors.New("no answer in time")

// A request is one call of an endpoint, before anybody's key is on it.
type request struct {
	method   string
	endpoint string
	query    url.Values
	body     any // nil = none
	// anonymous says that nobody's key goes on it.
	anonymous bool
}

func (r request) patience() time.Duration {
	if r.method == http.MethodPost {
		return StartTimeout
	}
	return silenceTimeout
}

// get reads a resource, up to three times.
func get[T resource](ctx context.Context, c *Client, endpoint string, query url.Values) (T, error) {
	return retry(ctx, func() (T, error) {
		return call[T](ctx, c, request{method: http.MethodGet, endpoint: endpoint, query: query})
	}, worthRepeating)
}

// call asks an endpoint once and decodes its answer.
func call[T resource](ctx context.Context, c *Client, req request) (T, error) {
	var zero T
	rep, err := c.send(ctx, req)
	if err != nil {
		return zero, err
	}
	defer c.bodies.giveBack(rep.buffer)
	return decode[T](rep)
}

// send makes one HTTP exchange. Its errors carry no URL: a query is nobody's
// business in a log.
func (c *Client) send(ctx context.Context, req request) (*reply, error) {
	rep, err := c.exchange(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("browseract: %s: %w", req.endpoint, err)
	}
	return rep, nil
}

// exchange sends one HTTP request and reads what comes back. It follows no
// redirect: the key stays with the host that it was meant for, 307 and 308 would
// repeat the body of a run, and 301 to 303 would turn a PUT into a GET.
func (c *Client) exchange(ctx context.Context, req request) (*reply, error) {
	key := ""
	if !req.anonymous {
		key = c.key(ctx)
	}
	switch {
	case key == "" && !req.anonymous:
		return nil, ErrNoAPIKey
	case !fitsHeader(key):
		return nil, fmt.Errorf("%w that fits into a header", ErrNoAPIKey)
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	var conn contact
	httpReq, err := c.newRequest(conn.traced(ctx), key, req)
	if err != nil {
		return nil, err
	}
	silence := time.AfterFunc(req.patience(), func() { giveUp(errNoAnswer) })
	defer silence.Stop()

	resp, err := c.transport.RoundTrip(httpReq)
	if err != nil {
		return nil, c.broken(ctx, err, conn.never())
	}
	defer resp.Body.Close()
	c.clock.learn(resp.Header)
	body := c.bodies.borrow()
	err = c.readBody(body, resp.ContentLength, listener{resp.Body, silence, req.patience()})
	switch {
	case err != nil:
		return nil, c.broken(ctx, err, false)
	case int64(body.Len()) > c.maxReply:
		return nil, fmt.Errorf("%w of %d bytes", ErrReplyTooLarge, c.maxReply)
	}
	return &reply{endpoint: req.endpoint, status: resp.StatusCode, header: resp.Header, body: withoutKey(body.Bytes(), key), buffer: body}, nil
}

func (c *Client) newRequest(ctx context.Context, key string, req request) (*http.Request, error) {
	var body io.Reader
	if req.body != nil {
		raw, err := json.Marshal(req.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	u := c.base.JoinPath("v2", "workflow", req.endpoint)
	u.RawQuery = req.query.Encode()
	r, err := http.NewRequestWithContext(ctx, req.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.userAgent != "" {
		r.Header.Set("User-Agent", c.userAgent)
	}
	return r, nil
}

// broken says why an exchange brought no reply: its caller went away, or nothing
// was heard, or the connection failed.
func (c *Client) broken(ctx context.Context, err error, unsent bool) error {
	switch {
	case errors.Is(context.Cause(ctx), errNoAnswer):
		c.dropIdle()
		err = errNoAnswer
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &transportError{err: err, unsent: unsent}
}

// dropIdle closes the connections that wait for their next request. Where one
// has gone silent the others may be dead too: the machine slept, or changed its
// network.
func (c *Client) dropIdle() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// A contact follows whether a request was given a connection. Without one not a
// byte of it can have left.
type contact struct{ wanted, given atomic.Bool }

func (c *contact) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.given.Store(true) },
	})
}

// never reports whether the request certainly had no connection. A transport
// that does not tell has to be taken for one that had.
func (c *contact) never() bool { return c.wanted.Load() && !c.given.Load() }

// A listener puts off the end of patience whenever something is heard.
type listener struct {
	io.Reader
	silence  *time.Timer
	patience time.Duration
}

func (l listener) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if n > 0 {
		l.silence.Reset(l.patience)
	}
	return n, err
}

// fitsHeader reports whether text can be sent as the value of a header.
func fitsHeader(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}
