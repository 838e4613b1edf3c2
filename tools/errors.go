package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

// A problem is an error in words for a model: what happened and what to do next.
type problem struct {
	Code       string            `json:"code"`
	Message    string            `json:"message"`
	Retryable  bool              `json:"retryable"`
	RetryAfter int               `json:"retry_after_seconds,omitempty"`
	APICode    int               `json:"api_code,omitempty"`
	TraceID    string            `json:"trace_id,omitempty"`
	NextStep   *schemas.NextStep `json:"next_step,omitempty"`
}

// A refusal is an error that a tool finds before anything is sent, in words that
// are ready for a model.
type refusal problem

func (r *refusal) Error() string { return r.Message }

// A hint adds to an error the call that makes sense next, which only the tool
// that met the error knows.
type hint struct {
	err  error
	next *schemas.NextStep
}

func (h *hint) Error() string { return h.err.Error() }
func (h *hint) Unwrap() error { return h.err }

// hinting returns err with the next call that it suggests; nil stays nil.
func hinting(err error, next *schemas.NextStep) error {
	if err == nil {
		return nil
	}
	return &hint{err, next}
}

// failure turns an error into the result that a model reads: a sentence, and a
// line of JSON for programs. It carries no structured content, since strict
// clients hold that against the output schema.
func (t *toolset) failure(ctx context.Context, err error) *mcp.CallToolResult {
	p := t.explain(err)
	if _, ok := errors.AsType[*unstarted](err); ok && p.Code != codeNoKey {
		p.Message = nothingStarted(p.Message)
	}
	var h *hint
	if p.NextStep == nil && !p.needsKey() && errors.As(err, &h) {
		p.NextStep = h.next
	}
	if p.Code == codeInternal {
		t.Logger.ErrorContext(ctx, "call failed unexpectedly", "error", err)
	}
	line, _ := marshal(map[string]problem{"error": p}) // a struct of strings and numbers
	return mcp.NewToolResultError(p.Message + "\n" + string(line))
}

// problemOf reads what failure wrote.
func problemOf(text string) problem {
	sentence, line, _ := strings.Cut(text, "\n")
	var told struct{ Error problem }
	if json.Unmarshal([]byte(line), &told) != nil {
		told.Error.Message = sentence
	}
	return told.Error
}

// needsKey reports whether no call helps before a person has set a key.
func (p problem) needsKey() bool { return p.Code == codeNoKey || p.Code == codeUnauthorized }

// nothingStarted adds to a message that no run began, where it does not say so.
func nothingStarted(message string) string {
	const begins = "Nothing was started"
	if strings.HasPrefix(message, begins) {
		return message
	}
	return begins + ". " + message
}

const (
	codeInternal     = "internal_error"
	codeNoKey        = "no_api_key"
	codeUnauthorized = "unauthorized"

	codeLedgerUnavailable = "ledger_unavailable"
)

// explain is the one table from errors to words.
func (t *toolset) explain(err error) problem {
	var (
		args      *schemas.ArgumentError
		own       *refusal
		unclear   *unclearStart
		notPaused *browseract.NotPausedError
		api       *browseract.Error
	)
	switch {
	case errors.As(err, &args):
		return problem{Code: "invalid_arguments", Message: args.Error()}
	case errors.As(err, &own):
		return problem(*own)
	case errors.Is(err, browseract.ErrNoAPIKey):
		return problem{Code: codeNoKey, Message: "This server has no BrowserAct API key for this call, so nothing was sent. " + t.KeyHelp}
	case errors.As(err, &unclear):
		return unclear.explain()
	case errors.As(err, &notPaused):
		return problem{Code: "not_paused", Message: fmt.Sprintf("The task is %s, and only a paused task can be resumed. Look at it with get_task.", output.Line(string(notPaused.Status), 40))}
	case errors.As(err, &api):
		return t.explainAPI(api)
	case errors.Is(err, browseract.ErrReplyTooLarge):
		return problem{Code: "reply_too_large", Message: "BrowserAct's reply is larger than this server reads. Open the task's log page instead, or ask for fewer items."}
	case errors.Is(err, browseract.ErrUnreadable):
		return problem{Code: "unreadable_reply", Retryable: true, Message: "BrowserAct, or a proxy before it, sent a reply that is not its API's. Try once more; if it stays, the user should check the API address."}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return problem{Code: "timeout", Retryable: true, Message: "BrowserAct did not answer in time. Try again in a minute."}
	case browseract.IsTransport(err):
		return problem{Code: "unreachable", Retryable: true, Message: "BrowserAct could not be reached: the connection failed. Try again in a minute; if it stays, the user should check the network and the proxy settings."}
	}
	return problem{Code: codeInternal, Message: "This server met an error that it does not know. Try once more; if it stays, report it with the server's log."}
}

// explainAPI is the part of the table that the API's own codes make up. A code
// that nobody knows goes through as it is.
func (t *toolset) explainAPI(e *browseract.Error) problem {
	p := problem{APICode: e.Code, TraceID: output.Line(e.TraceID, 80), RetryAfter: seconds(e.RetryAfter)}
	said := strings.TrimRight(output.Line(t.exposed.mask(e.Message), 300), ".!")
	switch {
	case e.Unauthorized():
		p.Code, p.Message = codeUnauthorized, "BrowserAct did not accept the API key. "+t.KeyHelp
	case e.Code == browseract.CodeNoSuchTask:
		p.Code, p.Message = "no_such_task", "There is no task with this id for this API key. Check the task_id, or call list_tasks."
		p.NextStep = &schemas.NextStep{Tool: "list_tasks", Arguments: map[string]any{}, Why: "to find the task's id"}
	case e.Code == browseract.CodeTooManyTasks:
		p.Code, p.Retryable, p.RetryAfter = "too_many_tasks", true, max(p.RetryAfter, 60)
		p.Message = "Nothing was started: the account already runs as many tasks as its plan allows. Wait until one ends, or ask the user whether to stop one; list_tasks shows them."
		p.NextStep = &schemas.NextStep{Tool: "list_tasks", Arguments: map[string]any{"status": "running"}, Why: "to see which tasks hold the account's places"}
	case e.Code == browseract.CodeNotPublished:
		p.Code, p.Message = "not_published", "Nothing was started: the workflow has never been published. Ask the user to publish it in the BrowserAct dashboard, then run it."
	case e.Code == browseract.CodeTaskNotPaused:
		p.Code, p.Message = "not_paused", "The task is not paused, so it was not resumed. Look at it with get_task."
	case e.RateLimited():
		p.Code, p.Retryable = "rate_limited", true
		p.Message = "BrowserAct asks for fewer requests. Try again after a pause."
	case e.Temporary():
		p.Code, p.Retryable = "api_unavailable", true
		p.Message = fmt.Sprintf("BrowserAct has a problem of its own (%q). Try again in a minute.", said)
	default:
		p.Code = "api_error"
		p.Message = fmt.Sprintf("BrowserAct refused the request: %q. The same call will be refused again until that is put right; if the arguments are not the cause, tell the user.", said)
	}
	return p
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
