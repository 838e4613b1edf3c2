// Package problem describes every failure to a model: a code for programs, a sentence that
// says what happened and what to do, and the next call where one helps.
//
// Begin with [Error], then with [Table.Explain], the one table from errors to sentences.
// Errors that need facts of their own, such as an ambiguous start, implement [Explainer].
//
// The package knows nothing of MCP, of the ledger, or of which tools a server offers.
package problem

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
)

// The codes that callers of this package compare or use in several places.
const (
	CodeInternal          = "internal_error"
	CodeInvalidArguments  = "invalid_arguments"
	CodeInvalidInputs     = "invalid_inputs"
	CodeNoAPIKey          = "no_api_key"
	CodeUnauthorized      = "unauthorized"
	CodeLedgerUnavailable = "ledger_unavailable"
	CodeStartUnknown      = "start_unknown"
	CodeStartInProgress   = "start_under_way"
	CodeOverBudget        = "over_budget"
	CodeAPIError          = "api_error"
	CodeFileUnreachable   = "file_unreachable"
)

// An Error is a failure as a model reads it. As a Go error its text is Message.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Retryable says that the same call may succeed later.
	Retryable bool `json:"retryable"`
	// RetryAfter is how many seconds to wait before that; 0: no time is known.
	RetryAfter int `json:"retry_after_seconds,omitempty"`
	// APICode and TraceID are BrowserAct's own; 0 and "" without an answer of the API.
	APICode int    `json:"api_code,omitempty"`
	TraceID string `json:"trace_id,omitempty"`
	// NextStep is the call that helps; nil: none is known.
	NextStep *schemas.NextStep `json:"next_step,omitempty"`
}

func (e *Error) Error() string { return e.Message }

// An Explainer is an error that has its own description.
type Explainer interface {
	error
	// Explain returns the description.
	Explain() Error
}

// Text returns the error as a tool's result has it: the sentence, and a line of JSON for
// programs.
func (e *Error) Text() string {
	line, _ := schemas.Marshal(map[string]*Error{"error": e}) // a struct of strings and numbers
	return e.Message + "\n" + string(line)
}

// Parse reads what [Error.Text] wrote. Of any other text the first line is the message.
func Parse(text string) Error {
	sentence, line, _ := strings.Cut(text, "\n")
	var parsed struct{ Error Error }
	if json.Unmarshal([]byte(line), &parsed) != nil {
		parsed.Error.Message = sentence
	}
	return parsed.Error
}

// needsKey reports whether no call helps before the user has set an API key.
func (e *Error) needsKey() bool { return e.Code == CodeNoAPIKey || e.Code == CodeUnauthorized }

// WithNext adds to an error the next call for [Table.Report], unless its description has
// one of its own. A nil error stays nil.
func WithNext(err error, next *schemas.NextStep) error {
	if err == nil {
		return nil
	}
	return &nextError{err, next}
}

type nextError struct {
	err  error
	next *schemas.NextStep
}

func (e *nextError) Error() string { return e.err.Error() }
func (e *nextError) Unwrap() error { return e.err }

// NotStarted marks an error after which it is certain that no run began. A nil error
// stays nil.
func NotStarted(err error) error {
	if err == nil {
		return nil
	}
	return &NotStartedError{err}
}

// A NotStartedError is an error after which it is certain that no run began.
type NotStartedError struct{ Err error }

func (e *NotStartedError) Error() string { return "not started: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *NotStartedError) Unwrap() error { return e.Err }

// Report is Explain with what was added to the error: that nothing was started, by
// [NotStarted], and the next call, by [WithNext].
func (t Table) Report(err error) Error {
	e := t.Explain(err)
	if _, ok := errors.AsType[*NotStartedError](err); ok && e.Code != CodeNoAPIKey {
		e.Message = nothingStarted(e.Message)
	}
	var with *nextError
	if e.NextStep == nil && !e.needsKey() && errors.As(err, &with) {
		e.NextStep = with.next
	}
	return e
}

// nothingStarted adds to a message that no run began, where it does not say so.
func nothingStarted(message string) string {
	const prefix = "Nothing was started"
	if strings.HasPrefix(message, prefix) {
		return message
	}
	return prefix + ". " + message
}

// Seconds returns a duration in whole seconds, rounded up.
func Seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
