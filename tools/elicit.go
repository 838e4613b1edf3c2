package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// Every answer says that a run waits for a person. Where the client can put a page
// before its user, the user is asked besides, once for each task: by a request of the
// server while the call waits, or, from the revision 2026-07-28 on, by a result that
// asks, after which the client repeats the call.

// openedGrace is how long paused does not end a wait after the user has opened the page:
// they have only begun.
const openedGrace = 30 * time.Second

// elicitIfPaused has the user asked to open the live view of a task that waits for a
// person, where that can be done, and goes on waiting if they have opened it. It returns
// the question that the call's result has to ask, and what the user did.
func (t *tools) elicitIfPaused(ctx context.Context, s *runs.Snapshot, w runs.WaitOptions, before string) (q call.Question, did string) {
	s.LastLiveURL = t.Client.LastLiveURL(ctx, s.ID())
	ask := call.Question{TaskID: s.ID(), URL: s.LiveURL()}
	waits := s.Task.Status == browseract.TaskPaused && w.Ends(s.Task.Status)
	if !waits || t.calls.IsClosing() || !ask.CanAsk(ctx) {
		return q, before
	}
	askOnce := func() bool { return t.history.AskOnce(t.keyOf(ctx, s)) }
	if call.AsksByResult(ctx) {
		if askOnce() {
			q = ask
		}
		return q, before
	}
	answer := t.calls.Ask(ctx, ask, w.Wait, askOnce)
	if answer == call.Accepted {
		w.IgnorePausedUntil = time.Now().Add(openedGrace)
		t.runs.Wait(ctx, s, w)
	}
	return q, cmp.Or(reaction(answer), before)
}

func (t *tools) keyOf(ctx context.Context, s *runs.Snapshot) call.Key {
	return call.Key{Caller: t.Caller(ctx), TaskID: s.ID()}
}

// reaction says to a model what the user did with the question.
func reaction(answer call.Answer) string {
	switch answer {
	case "":
		return ""
	case call.Accepted:
		return "The user was asked just now and opened the live view; they may not be done yet."
	case call.Declined:
		return "The user was asked just now and declined to open the live view."
	default:
		return "The user was asked just now and closed the question without an answer."
	}
}

func (t *tools) renderRun(ctx context.Context, req mcp.CallToolRequest, a runAnswer) (*mcp.CallToolResult, error) {
	result, err := t.structured(&a.task)
	if err != nil || a.question.IsZero() {
		return result, err
	}
	state := t.signer.Sign(schemas.ID(a.question.TaskID), time.Now(), t.callOf(ctx, req)...)
	return a.question.Result(state, result), nil
}

// callOf is what distinguishes a call from others: who calls what. Equal arguments are written
// equally, however the client orders them.
func (t *tools) callOf(ctx context.Context, req mcp.CallToolRequest) []string {
	var arguments any
	_ = json.Unmarshal(req.Params.RawArguments, &arguments) // has been decoded before
	canonical, _ := json.Marshal(arguments)
	return []string{t.Caller(ctx), req.Params.Name, string(canonical)}
}

// answered answers a call that was repeated with the user's answer. It never comes to
// the tool itself: what that starts or resumes, the call did the first time.
func (t *tools) answered(ctx context.Context, in any, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	a, err := t.followAnswer(ctx, in, req)
	if err != nil {
		return t.failure(ctx, err), nil
	}
	return t.structured(&a.task)
}

// followAnswer follows the task of the question as the user's answer says.
func (t *tools) followAnswer(ctx context.Context, in any, req mcp.CallToolRequest) (runAnswer, error) {
	state, err := t.signer.Verify(req.Params.RequestState, time.Now(), t.callOf(ctx, req)...)
	if err != nil {
		return runAnswer{}, staleAnswer(state, err)
	}
	w := runs.WaitOptions{Wait: waitOf(in)}
	seen, err := t.runs.Fetch(ctx, string(state.TaskID), w.Wait)
	if err != nil {
		return runAnswer{}, problem.WithNext(err, schemas.NextTask("get_task", string(state.TaskID), "to see how the run stands"))
	}
	var o present.Options
	if g, ok := in.(getTaskInput); ok {
		o = g.options()
	}
	answer := call.AnswerOf(req)
	o.Reaction = reaction(answer)
	if answer != call.Accepted {
		w.Wait = 0 // the user will not act now
	}
	w.IgnorePausedUntil = time.Now().Add(openedGrace)
	return t.follow(ctx, seen, w, o), nil
}

// staleAnswer refuses the answer to a question that this process did not ask in this
// call. Which task it was about is only what the client says; to read it does no harm.
func staleAnswer(claimed call.State, err error) error {
	e := &problem.Error{Code: "unknown_request_state", Message: "Nothing was started or changed: this call answers a question, and the requestState is not one that this server gave to this call and API key; the server may have restarted since. " +
		"A run that was started goes on by itself. Do not start it again: call get_task with its task_id."}
	if errors.Is(err, call.ErrStateExpired) {
		e.Code, e.Message = "expired_request_state", "Nothing was started or changed: the question that this call answers is more than an hour old. The run goes on by itself; call get_task to see how it stands."
	}
	e.NextStep = schemas.NextList("to find the run's task_id")
	if claimed.TaskID != "" {
		e.NextStep = schemas.NextTask("get_task", string(claimed.TaskID), "to see how the run stands")
	}
	return e
}
