package browseract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A request is one call of an endpoint, before anybody's key is on it.
type request struct {
	method   string
	endpoint string
	query    url.Values
	body     any // nil = none
}

// A reply is what an endpoint answered, read to its end.
type reply struct {
	endpoint string
	status   int
	header   http.Header
	body     []byte
}

// A resource tells whether a decoded body really was one. The API answers some
// errors with status 200, and some resources inside an envelope.
type resource interface{ present() bool }

// call asks an endpoint once and decodes its answer.
func call[T resource](ctx context.Context, c *Client, req request) (T, error) {
	var zero T
	rep, err := c.send(ctx, req)
	if err != nil {
		return zero, fmt.Errorf("browseract: %s: %w", req.endpoint, err)
	}
	return decode[T](rep)
}

// send makes one HTTP exchange. Its errors carry no URL: a query is nobody's
// business in a log.
func (c *Client) send(ctx context.Context, req request) (*reply, error) {
	key := c.key(ctx)
	if key == "" {
		return nil, ErrNoAPIKey
	}
	attempt, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	httpReq, err := c.newRequest(attempt, key, req)
	if err != nil {
		return nil, err
	}
	slow := time.AfterFunc(c.patience(req.method), func() { cancel(errNoAnswer) })
	defer slow.Stop()
	resp, err := c.http.Do(httpReq)
	if err != nil {
		return nil, cause(attempt, err)
	}
	slow.Stop()
	defer resp.Body.Close()
	body, err := c.read(resp)
	if err != nil {
		return nil, cause(attempt, err)
	}
	return &reply{endpoint: req.endpoint, status: resp.StatusCode, header: resp.Header, body: body}, nil
}

var errNoAnswer = errors.New("no answer in time")

// patience is how long to wait for an answer's first byte. A read can be asked
// again; a start has its own deadline and is not.
func (c *Client) patience(method string) time.Duration {
	if method == http.MethodPost {
		return c.startTimeout
	}
	return c.headerTimeout
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
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.userAgent != "" {
		r.Header.Set("User-Agent", c.userAgent)
	}
	return r, nil
}

// cause returns why an attempt was given up, else err without the URL that
// net/http puts before it.
func cause(attempt context.Context, err error) error {
	if c := context.Cause(attempt); c != nil {
		return c
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

func (c *Client) read(resp *http.Response) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= c.maxReply {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, c.maxReply+1))
	if n > c.maxReply {
		return nil, fmt.Errorf("%w of %d bytes", ErrReplyTooLarge, c.maxReply)
	}
	return buf.Bytes(), err
}

// decode returns the resource in a reply, or the *Error that it is. The resource
// is tried first: the body is large only where it is one.
func decode[T resource](rep *reply) (T, error) {
	var res, zero T
	success := rep.status >= 200 && rep.status < 300
	if success && json.Unmarshal(rep.body, &res) == nil && res.present() {
		return res, nil
	}
	env := rep.envelope()
	if !success || env.refuses() {
		return zero, rep.error(env)
	}
	if json.Unmarshal(env.Data, &res) == nil && res.present() {
		return res, nil
	}
	return zero, fmt.Errorf("browseract: %s: %w", rep.endpoint, ErrUnreadable)
}

// decodeEmpty checks the reply of an endpoint that answers nothing.
func decodeEmpty(rep *reply) error {
	env := rep.envelope()
	if rep.status < 200 || rep.status >= 300 || env.refuses() {
		return rep.error(env)
	}
	return nil
}

// An envelope is what errors come in, and now and then a resource.
type envelope struct {
	Code    flexInt         `json:"code"`
	Msg     string          `json:"msg"`
	Data    json.RawMessage `json:"data"`
	TraceID string          `json:"traceId"`
}

// envelope returns the envelope in the reply, the zero one where there is none.
func (r *reply) envelope() envelope {
	var env envelope
	if json.Unmarshal(r.body, &env) != nil {
		return envelope{}
	}
	return env
}

// refuses reports whether the envelope carries an error: 0 and 200 are success.
func (e envelope) refuses() bool { return e.Code != 0 && e.Code != http.StatusOK }

func (r *reply) error(env envelope) *Error {
	message := oneLine(env.Msg)
	if message == "" {
		message = http.StatusText(r.status)
	}
	return &Error{
		Endpoint:   r.endpoint,
		StatusCode: r.status,
		Code:       int(env.Code),
		Message:    message,
		TraceID:    oneLine(env.TraceID),
		RetryAfter: retryAfter(r.header),
	}
}

// retryAfter reads the Retry-After header, which holds seconds or a date.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
