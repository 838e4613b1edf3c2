package browseract

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Codes of the API that mean something to a caller, from the code member of an
// error's body.
const (
	CodeUnauthorized  = 401   // the key is not valid
	CodeNotPublished  = 10020 // the workflow has to be published before it runs
	CodeNoSuchTask    = 10112 // the task does not exist
	CodeTooManyTasks  = 10118 // the account's limit of running tasks is reached
	CodeTaskEnded     = 10121 // the task had ended before it could be stopped
	CodeTaskNotPaused = 10127 // only a paused task can be resumed
)

// ErrReplyTooLarge says that a reply was longer than the client reads
// ([WithMaxReply]).
var ErrReplyTooLarge = errors.New("the reply is larger than the limit")

// ErrUnreadable says that a reply was neither the resource nor an error of the
// API: HTML of a proxy, broken JSON, an empty object.
var ErrUnreadable = errors.New("the reply is not what the API documents")

// An Error is an answer of the API that refuses a request.
type Error struct {
	// Endpoint is the last part of the endpoint's path, as "get-task".
	Endpoint string
	// StatusCode is the HTTP status. The API sends some errors with 200.
	StatusCode int
	// Code is the code in the body, 0 where the body had none.
	Code int
	// Message is the API's own text, or what stands in for it; one line.
	Message string
	// TraceID finds the request in BrowserAct's logs; empty where there is none.
	TraceID string
	// RetryAfter is how long the API asked to wait; 0 where it did not ask.
	RetryAfter time.Duration
}

// Error returns the answer in one line:
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

// Is reports whether e is the API's refusal that target stands for, so that
// errors.Is(err, &Error{Code: CodeNoSuchTask}) tells one code apart.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && *t == (Error{Code: t.Code}) && t.Code == e.Code
}

// Temporary reports whether the same request may succeed later.
func (e *Error) Temporary() bool {
	if e.final() {
		return false
	}
	return e.effective() == http.StatusTooManyRequests || e.effective() >= http.StatusInternalServerError
}

// RateLimited reports whether the API asks for fewer requests.
func (e *Error) RateLimited() bool { return e.effective() == http.StatusTooManyRequests }

// Unauthorized reports whether the API did not take the key. Nobody documents the
// HTTP status beside the code.
func (e *Error) Unauthorized() bool {
	return e.effective() == http.StatusUnauthorized || e.effective() == http.StatusForbidden || e.Code == CodeUnauthorized
}

// effective is the HTTP status that the answer amounts to: the body's code where
// that is one, unless the status itself tells of a failure or too many requests.
func (e *Error) effective() int {
	switch {
	case e.StatusCode == http.StatusRequestTimeout, e.StatusCode == http.StatusTooManyRequests, e.StatusCode >= http.StatusInternalServerError:
		return e.StatusCode
	case e.Code >= 400 && e.Code < 600:
		return e.Code
	}
	return e.StatusCode
}

// final reports whether the body's code says that the API understood the request
// and refused it, whatever the HTTP status beside it is.
func (e *Error) final() bool {
	switch e.Code {
	case CodeUnauthorized, CodeNotPublished, CodeNoSuchTask, CodeTooManyTasks, CodeTaskEnded, CodeTaskNotPaused:
		return true
	}
	return false
}

// A StartUnknownError says that a run was requested and that no clear answer
// came: it may have started, and be billed, or not.
type StartUnknownError struct {
	// SentAt is when the request was sent, by this machine's clock.
	SentAt time.Time
	// Err is what came instead of an answer.
	Err error
}

// Error says what came instead of an answer.
func (e *StartUnknownError) Error() string {
	return fmt.Sprintf("browseract: a run requested at %s may have started: %v", e.SentAt.UTC().Format(time.RFC3339), e.Err)
}

// Unwrap returns what came instead of an answer.
func (e *StartUnknownError) Unwrap() error { return e.Err }

// A NotPausedError says that a task that was to be resumed is not paused.
type NotPausedError struct {
	// Status is what the task is instead.
	Status TaskStatus
}

// Error says what the task is instead of paused.
func (e *NotPausedError) Error() string {
	return fmt.Sprintf("browseract: resume-task: the task is %s, not paused", oneLine(string(e.Status)))
}

// A transportError says why an exchange brought no reply.
type transportError struct {
	err    error
	unsent bool // not a byte of the request can have left
}

func (e *transportError) Error() string { return oneLine(e.err.Error()) }
func (e *transportError) Unwrap() error { return e.err }

// IsTransport reports whether err says that a request failed below HTTP, or that
// its answer did not come: the address, the connection, TLS, a time-out.
func IsTransport(err error) bool {
	_, ok := errors.AsType[*transportError](err)
	return ok
}

const maxMessage = 500 // bytes

// oneLine makes text that a server sent fit to stand in a message of ours, or in a
// log.
func oneLine(s string) string {
	s = RedactURLs(s)
	rest := ""
	if len(s) > maxMessage {
		s, rest = s[:maxMessage], "…"
	}
	words := strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(words, " ") + rest
}
