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
	"github.com/browseract/browseract-mcp/tools/problem"
)

// Every answer says that a run waits for a person. Where the client can put a page
// before its user, the user is asked besides, once for each task: by a request of the
// server while the call waits, or, from the revision 2026-07-28 on, by a result that
// asks, after which the client repeats the call.

// openedGrace is how long paused does not end a wait after the user has opened the page:
// they have only begun.
const openedGrace = 30 * time.Second

// liveView is the address where a person can act in the task's browser, "" if it is not
// known. It is a way in: it goes into answers and questions only.
func (s *sighting) liveView() string { return cmp.Or(s.task.LiveURL(), s.lastLive) }

// elicitIfPaused has the user asked to open the live view of a task that waits for a
// person, where that can be done, and goes on waiting if they have opened it. It returns
// the question that the call's result has to ask.
func (t *toolset) elicitIfPaused(ctx context.Context, s *sighting, p pursuit) (q call.Question) {
	s.lastLive = t.Client.LastLiveURL(ctx, string(s.task.ID))
	ask := call.Question{TaskID: string(s.task.ID), URL: s.liveView()}
	waits := s.task.Status == browseract.TaskPaused && p.ends(s.task.Status)
	if !waits || t.calls.IsClosing() || !ask.CanAsk(ctx) {
		return q
	}
	askOnce := func() bool { return t.history.AskOnce(t.keyOf(ctx, s)) }
	if call.AsksByResult(ctx) {
		if askOnce() {
			q = ask
		}
		return q
	}
	answer := t.calls.Ask(ctx, ask, p.wait.wait(), askOnce)
	s.reaction = reaction(answer)
	if answer == call.Accepted {
		p.pausedCounts = time.Now().Add(openedGrace)
		t.wait(ctx, s, p)
		t.lookAgain(ctx, s)
	}
	return q
}

func (t *toolset) keyOf(ctx context.Context, s *sighting) call.Key {
	return call.Key{Caller: t.Caller(ctx), TaskID: string(s.task.ID)}
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

// A runAnswer is a task, and what the user is to be asked about it.
type runAnswer struct {
	task     schemas.Task
	question call.Question
}

func (t *toolset) renderRun(ctx context.Context, req mcp.CallToolRequest, a runAnswer) (*mcp.CallToolResult, error) {
	result, err := t.structured(&a.task)
	if err != nil || a.question.IsZero() {
		return result, err
	}
	state := t.signer.Sign(a.question.TaskID, time.Now(), t.callOf(ctx, req)...)
	return a.question.Result(state, result), nil
}

// callOf is what tells a call from others: who calls what. Equal arguments are written
// equally, however the client orders them.
func (t *toolset) callOf(ctx context.Context, req mcp.CallToolRequest) []string {
	var arguments any
	_ = json.Unmarshal(req.Params.RawArguments, &arguments) // has been decoded before
	canonical, _ := json.Marshal(arguments)
	return []string{t.Caller(ctx), req.Params.Name, string(canonical)}
}

// answered answers a call that was repeated with the user's answer. It never comes to
// the tool itself: what that starts or resumes, the call did the first time.
func (t *toolset) answered(ctx context.Context, in any, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	a, err := t.followAnswer(ctx, in, req)
	if err != nil {
		return t.failure(ctx, err), nil
	}
	return t.structured(&a.task)
}

// followAnswer follows the task of the question as the user's answer says.
func (t *toolset) followAnswer(ctx context.Context, in any, req mcp.CallToolRequest) (runAnswer, error) {
	state, err := t.signer.Verify(req.Params.RequestState, time.Now(), t.callOf(ctx, req)...)
	if err != nil {
		return runAnswer{}, staleAnswer(state, err)
	}
	var p pursuit
	p.wait.WaitSeconds = int(waitOf(in) / time.Second)
	seen, err := t.taskOf(ctx, schemas.ID(state.TaskID), p.wait)
	if err != nil {
		return runAnswer{}, problem.WithNext(err, schemas.NextTask("get_task", state.TaskID, "to see how the run stands"))
	}
	if g, ok := in.(getTaskInput); ok {
		g.wishes(&seen)
	}
	answer := call.AnswerOf(req)
	seen.reaction = reaction(answer)
	if answer != call.Accepted {
		p.wait = waitInput{} // the user will not act now
	}
	p.pausedCounts = time.Now().Add(openedGrace)
	return t.follow(ctx, seen, p), nil
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
		e.NextStep = schemas.NextTask("get_task", claimed.TaskID, "to see how the run stands")
	}
	return e
}
