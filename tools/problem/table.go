package problem

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A Table describes errors for one deployment. The zero Table has no help with keys and
// masks nothing.
type Table struct {
	// KeyHelp is how a user of this deployment sets the API key, a sentence.
	KeyHelp string
	// Mask removes from a message of the API what the operator has fixed and models must
	// not see. Nil: nothing.
	Mask func(string) string
}

// Explain returns the description of an error; err is not nil. An error that the table
// does not know has CodeInternal.
func (t Table) Explain(err error) Error {
	var (
		args      *schemas.ArgumentError
		own       *Error
		explainer Explainer
		notPaused *browseract.NotPausedError
		api       *browseract.Error
	)
	switch {
	case errors.As(err, &args):
		return Error{Code: CodeInvalidArguments, Message: args.Error()}
	case errors.As(err, &own):
		return *own
	case errors.Is(err, browseract.ErrNoAPIKey):
		return Error{Code: CodeNoAPIKey, Message: "This server has no BrowserAct API key for this call, so nothing was sent. " + t.KeyHelp}
	case errors.As(err, &explainer):
		return explainer.Explain()
	case errors.As(err, &notPaused):
		return Error{Code: "not_paused", Message: fmt.Sprintf("The task is %s, and only a paused task can be resumed. Look at it with get_task.", sanitize.OneLine(string(notPaused.Status), 40))}
	case errors.As(err, &api):
		return t.explainAPI(api)
	}
	return explainTransport(err)
}

func explainTransport(err error) Error {
	switch {
	case errors.Is(err, browseract.ErrReplyTooLarge):
		return Error{Code: "reply_too_large", Message: "BrowserAct's reply is larger than this server reads. Open the task's log page instead, or ask for fewer items."}
	case errors.Is(err, browseract.ErrUnreadable):
		return Error{Code: "unreadable_reply", Retryable: true, Message: "BrowserAct, or a proxy before it, sent a reply that is not one of its API. Try once more; if it persists, the user should check the API address."}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Error{Code: "timeout", Retryable: true, Message: "BrowserAct did not answer in time. Try again in a minute."}
	case browseract.IsTransport(err):
		return Error{Code: "unreachable", Retryable: true, Message: "BrowserAct could not be reached: the connection failed. Try again in a minute; if it persists, the user should check the network and the proxy settings."}
	}
	return Error{Code: CodeInternal, Message: "This server does not know this error. Try once more; if it persists, report it with the server's log."}
}

// explainAPI is the part of the table for the API's own codes. The message of an unknown
// code is quoted.
func (t Table) explainAPI(e *browseract.Error) Error {
	p := Error{APICode: e.Code, TraceID: sanitize.OneLine(e.TraceID, 80), RetryAfter: Seconds(e.RetryAfter)}
	switch {
	case e.Unauthorized():
		p.Code, p.Message = CodeUnauthorized, "BrowserAct did not accept the API key. "+t.KeyHelp
	case e.Code == browseract.CodeNoSuchTask:
		p.Code, p.Message = "no_such_task", "There is no task with this id for this API key. Check the task_id, or call list_tasks."
		p.NextStep = schemas.NextList("to find the task's id")
	case e.Code == browseract.CodeTooManyTasks:
		p.Code, p.Retryable, p.RetryAfter = "too_many_tasks", true, max(p.RetryAfter, 60)
		p.Message = "Nothing was started: the account already runs as many tasks as its plan allows. Wait until one ends, or ask the user whether to stop one; list_tasks shows them."
		p.NextStep = schemas.NextList("to see which tasks hold the account's places")
		p.NextStep.Arguments["status"] = "running"
	case e.Code == browseract.CodeNotPublished:
		p.Code, p.Message = "not_published", "Nothing was started: the workflow has never been published. Ask the user to publish it in the BrowserAct dashboard, then run it."
	case e.Code == browseract.CodeTaskNotPaused:
		p.Code, p.Message = "not_paused", "The task is not paused, so it was not resumed. Look at it with get_task."
	case e.RateLimited():
		p.Code, p.Retryable = "rate_limited", true
		p.Message = "BrowserAct limits the rate of requests. Try again after a pause."
	case e.Temporary():
		p.Code, p.Retryable = "api_unavailable", true
		p.Message = fmt.Sprintf("BrowserAct has a problem of its own (%q). Try again in a minute.", t.quoted(e))
	default:
		p.Code = CodeAPIError
		p.Message = fmt.Sprintf("BrowserAct refused the request: %q. The same call will be refused again until that is corrected; if the arguments are not the cause, tell the user.", t.quoted(e))
	}
	return p
}

// quoted is the API's own message as a sentence can quote it.
func (t Table) quoted(e *browseract.Error) string {
	message := e.Message
	if t.Mask != nil {
		message = t.Mask(message)
	}
	return strings.TrimRight(sanitize.OneLine(message, 300), ".!")
}
