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

var errNoAnswer = errors.New("no answer in time")

// A request is one call of an endpoint, without a key.
type request struct {
	method    string
	endpoint  string
	query     url.Values
	body      any  // nil: none
	anonymous bool // sent without a key
}

// responseBudget is how long the request waits for the next byte of its answer.
func (r request) responseBudget() time.Duration {
	if r.method == http.MethodPost {
		return StartTimeout
	}
	return silenceTimeout
}

// get reads a resource, in up to three tries.
func get[T resource](ctx context.Context, c *Client, endpoint string, query url.Values) (T, error) {
	return retried[T](ctx, c, request{method: http.MethodGet, endpoint: endpoint, query: query})
}

func retried[T resource](ctx context.Context, c *Client, req request) (T, error) {
	return retry(ctx, func() (T, error) { return call[T](ctx, c, req) }, retryable)
}

// call sends a request once and decodes its answer.
func call[T resource](ctx context.Context, c *Client, req request) (T, error) {
	var zero T
	rep, err := c.send(ctx, req)
	if err != nil {
		return zero, err
	}
	defer c.release(rep.buffer)
	return decode[T](rep)
}

// put calls an endpoint that acts on a task and answers nothing, once.
func (c *Client) put(ctx context.Context, endpoint, id string) error {
	rep, err := c.send(ctx, request{method: http.MethodPut, endpoint: endpoint, query: taskQuery(id)})
	if err != nil {
		return err
	}
	return decodeEmpty(rep)
}

// Ping checks without a key that the API answers, which it does by refusing. It
// returns nil then, and otherwise what came instead. An [*Error] that is
// [Error.Unauthorized] and has no code may be a proxy's.
// (GET /v2/workflow/list-workflows)
func (c *Client) Ping(ctx context.Context) error {
	_, err := retried[Page[Workflow]](ctx, c, request{method: http.MethodGet, endpoint: "list-workflows", query: paging(1, 1), anonymous: true})
	if apiErr, ok := errors.AsType[*Error](err); ok && apiErr.Unauthorized() && apiErr.Code != 0 {
		return nil
	}
	return err
}

// send sends one HTTP request and reads the reply. It follows no redirect: the key
// stays with its host, 307 and 308 would repeat the body of a run, and 301 to 303
// would turn a PUT into a GET. Its errors carry no URL, so that logs do not either.
func (c *Client) send(ctx context.Context, req request) (rep *reply, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("browseract: %s: %w", req.endpoint, err)
		}
	}()
	key, err := c.keyFor(ctx, req)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var conn connTrace
	httpReq, err := c.newRequest(conn.attach(ctx), key, req)
	if err != nil {
		return nil, err
	}
	silence := time.AfterFunc(req.responseBudget(), func() { cancel(errNoAnswer) })
	defer silence.Stop()

	resp, err := c.transport.RoundTrip(httpReq)
	if err != nil {
		return nil, c.failed(ctx, err, conn.notConnected())
	}
	defer resp.Body.Close()
	c.updateClock(resp.Header)
	body, err := c.readBody(resp.ContentLength, timedReader{resp.Body, silence, req.responseBudget()})
	switch {
	case err != nil:
		return nil, c.failed(ctx, err, false)
	case int64(body.Len()) > c.maxReply:
		return nil, fmt.Errorf("%w of %d bytes", ErrReplyTooLarge, c.maxReply)
	}
	return &reply{endpoint: req.endpoint, status: resp.StatusCode, header: resp.Header, body: redactKey(body.Bytes(), key), buffer: body}, nil
}

// keyFor returns the key that the request is sent with, empty for none.
func (c *Client) keyFor(ctx context.Context, req request) (string, error) {
	if req.anonymous {
		return "", nil
	}
	key := c.key(ctx)
	switch {
	case key == "":
		return "", ErrNoAPIKey
	case !validHeader(key):
		return "", fmt.Errorf("%w that fits into a header", ErrNoAPIKey)
	}
	return key, nil
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
	r.Header.Set("Accept", "application/json")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.userAgent != "" {
		r.Header.Set("User-Agent", c.userAgent)
	}
	return r, nil
}

// failed returns why an exchange brought no reply: its caller canceled it, nothing
// was received in time, or the connection failed. Where one connection has gone
// silent the idle ones may be dead too, so they are closed: the machine slept, or
// changed its network.
func (c *Client) failed(ctx context.Context, err error, unsent bool) error {
	switch {
	case errors.Is(context.Cause(ctx), errNoAnswer):
		if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
			t.CloseIdleConnections()
		}
		err = errNoAnswer
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &transportError{err: err, unsent: unsent}
}

// A connTrace records whether a request was given a connection. Without one no byte
// of it can have been sent.
type connTrace struct{ wanted, given atomic.Bool }

func (t *connTrace) attach(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.given.Store(true) },
	})
}

// notConnected reports whether the request certainly had no connection. A transport
// that ignores the trace is taken for one that had.
func (t *connTrace) notConnected() bool { return t.wanted.Load() && !t.given.Load() }

// A timedReader restarts the timer for silence whenever something is read.
type timedReader struct {
	io.Reader
	silence *time.Timer
	budget  time.Duration
}

func (r timedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.silence.Reset(r.budget)
	}
	return n, err
}

// validHeader reports whether text can be sent as the value of a header.
func validHeader(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}
