package browseract

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Codes that callers handle, from the code member of an error's body.
const (
	CodeUnauthorized  = 401   // the key is not valid
	CodeNotPublished  = 10020 // the workflow has to be published before it runs
	CodeNoSuchTask    = 10112 // the task does not exist
	CodeTooManyTasks  = 10118 // the account's limit of running tasks is reached
	CodeTaskEnded     = 10121 // the task had ended before it could be stopped
	CodeTaskNotPaused = 10127 // only a paused task can be resumed
)

// ErrReplyTooLarge means that a reply was larger than 64 MiB after decompression.
var ErrReplyTooLarge = errors.New("the reply is larger than the limit")

// ErrUnreadable means that a reply was neither the resource nor an error of the
// API: HTML of a proxy, broken JSON, an empty object.
var ErrUnreadable = errors.New("the reply is not what the API documents")

// An Error is the API's refusal of a request.
type Error struct {
	// Endpoint is the last part of the endpoint's path, as "get-task".
	Endpoint string
	// StatusCode is the HTTP status. The API sends some errors with 200.
	StatusCode int
	// Code is the code in the body, 0 where the body had none.
	Code int
	// Message is the API's own text or the text of the status, in one line.
	Message string
	// TraceID identifies the request in BrowserAct's logs; empty if unknown.
	TraceID string
	// RetryAfter is how long the API asked to wait; 0 if it did not.
	RetryAfter time.Duration
}

// Error returns the refusal in one line:
// browseract: get-task: Task is not exist. (HTTP 400, code 10112, trace b4bb01).
func (e *Error) Error() string {
	detail := fmt.Sprintf("HTTP %d", e.StatusCode)
	if e.Code != 0 {
		detail += fmt.Sprintf(", code %d", e.Code)
	}
	if e.TraceID != "" {
		detail += ", trace " + e.TraceID
	}
	return fmt.Sprintf("browseract: %s: %s (%s)", e.Endpoint, e.Message, detail)
}

// Is reports whether target is an Error with the same code and nothing else, so
// that errors.Is(err, &Error{Code: CodeNoSuchTask}) tests for a code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && *t == (Error{Code: t.Code}) && t.Code == e.Code
}

// Temporary reports whether the same request may succeed later.
func (e *Error) Temporary() bool {
	return !e.final() && (e.RateLimited() || e.effective() >= http.StatusInternalServerError)
}

// RateLimited reports whether the API asks for fewer requests.
func (e *Error) RateLimited() bool { return e.effective() == http.StatusTooManyRequests }

// Unauthorized reports whether the API did not accept the key. The HTTP status beside
// the code is not documented.
func (e *Error) Unauthorized() bool {
	return e.effective() == http.StatusUnauthorized || e.effective() == http.StatusForbidden || e.Code == CodeUnauthorized
}

// effective returns the HTTP status that the refusal amounts to: the body's code if
// it is one, unless the status itself is 408, 429 or 5xx.
func (e *Error) effective() int {
	switch {
	case e.StatusCode == http.StatusRequestTimeout, e.StatusCode == http.StatusTooManyRequests, e.StatusCode >= http.StatusInternalServerError:
		return e.StatusCode
	case e.Code >= 400 && e.Code < 600:
		return e.Code
	}
	return e.StatusCode
}

// final reports whether the body's code alone, with any HTTP status, means that the
// API understood the request and refused it.
func (e *Error) final() bool {
	switch e.Code {
	case CodeUnauthorized, CodeNotPublished, CodeNoSuchTask, CodeTooManyTasks, CodeTaskEnded, CodeTaskNotPaused:
		return true
	}
	return false
}

// A StartUnknownError means that a start was sent and had no clear answer: the run
// may have started, and be billed, or not.
type StartUnknownError struct {
	SentAt time.Time // by this machine's clock
	Err    error     // what came instead of an answer
}

// Error returns when the start was sent and what came instead of an answer.
func (e *StartUnknownError) Error() string {
	return fmt.Sprintf("browseract: a run requested at %s may have started: %v", e.SentAt.UTC().Format(time.RFC3339), e.Err)
}

// Unwrap returns what came instead of an answer.
func (e *StartUnknownError) Unwrap() error { return e.Err }

// A NotPausedError means that a task could not be resumed, since it is not paused.
type NotPausedError struct {
	Status TaskStatus // what the task is instead
}

// Error returns what the task is instead of paused.
func (e *NotPausedError) Error() string {
	return fmt.Sprintf("browseract: resume-task: the task is %s, not paused", oneLine(string(e.Status)))
}

// A transportError is why an exchange brought no reply.
type transportError struct {
	err    error
	unsent bool // no byte of the request can have been sent
}

func (e *transportError) Error() string { return oneLine(e.err.Error()) }
func (e *transportError) Unwrap() error { return e.err }

// IsTransport reports whether a request failed below HTTP or had no answer in time:
// the address, the connection, TLS, a timeout.
func IsTransport(err error) bool {
	_, ok := errors.AsType[*transportError](err)
	return ok
}
