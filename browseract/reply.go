package browseract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A reply is an endpoint's answer, read to its end.
type reply struct {
	endpoint string
	status   int
	header   http.Header
	body     []byte
	buffer   *bytes.Buffer // holds body
}

// A resource reports whether a decoded body really held one. The API answers some
// errors with status 200, and some resources inside an envelope.
type resource interface{ present() bool }

// decode returns the resource in a reply, or the *Error that it is. It tries the
// resource first, since a large body is always one.
func decode[T resource](rep *reply) (T, error) {
	var none T
	if rep.succeeded() {
		if res, ok := unwrap[T](rep.body); ok {
			return res, nil
		}
	}
	env := rep.envelope()
	if !rep.succeeded() || env.refuses() {
		return none, rep.error(env)
	}
	if res, ok := unwrap[T](env.Data); ok {
		return res, nil
	}
	return none, rep.unreadable()
}

func unwrap[T resource](raw []byte) (T, bool) {
	var res T
	if _, ok := any(res).(taskPage); ok {
		raw = withoutOutputs(raw)
	}
	err := json.Unmarshal(raw, &res)
	odd := isTypeError(err)
	if task, ok := any(&res).(*Task); ok && odd {
		task.mend(raw)
	}
	return res, (err == nil || odd) && res.present()
}

// decodeEmpty checks the reply of an endpoint that answers nothing or an envelope.
func decodeEmpty(rep *reply) error {
	env := rep.envelope()
	switch {
	case !rep.succeeded() || env.refuses():
		return rep.error(env)
	case len(bytes.TrimSpace(rep.body)) > 0 && !json.Valid(rep.body):
		return rep.unreadable()
	}
	return nil
}

func (r *reply) succeeded() bool { return r.status >= 200 && r.status < 300 }

func (r *reply) unreadable() error {
	return fmt.Errorf("browseract: %s: %w", r.endpoint, ErrUnreadable)
}

// An envelope holds an error, and sometimes a resource.
type envelope struct {
	Code    flexInt         `json:"code"`
	Msg     string          `json:"msg"`
	Data    json.RawMessage `json:"data"`
	TraceID string          `json:"traceId"`
}

// envelope returns the envelope in the reply, the zero value if there is none.
func (r *reply) envelope() envelope {
	var env envelope
	if unmarshal(r.body, &env) != nil {
		return envelope{}
	}
	return env
}

// refuses reports whether the envelope carries an error: 0 and 200 are success.
func (e envelope) refuses() bool { return e.Code != 0 && e.Code != http.StatusOK }

func (r *reply) error(env envelope) *Error {
	e := &Error{
		Endpoint:   r.endpoint,
		StatusCode: r.status,
		Code:       int(env.Code),
		Message:    oneLine(env.Msg),
		TraceID:    oneLine(env.TraceID),
		RetryAfter: retryAfter(r.header),
	}
	if e.Message == "" && !r.succeeded() {
		e.Message = http.StatusText(r.status)
	}
	e.Message = cmp.Or(e.Message, "no message")
	return e
}

// retryAfter reads the Retry-After header, which holds seconds or a date by the
// server's clock, as 0 to maxRetryAfter.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	seconds, err := strconv.Atoi(value)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(seconds, 0), int(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
