package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A run that waits for a person is told of in every answer. Where the client can
// put a page before its user, the user is asked besides, once for each task: by a
// request of the server while the call waits, or, from the revision 2026-07-28 on,
// by a result that asks, after which the client repeats the call.

const (
	// mostAsk is how long a call waits at most for the user's answer, since some
	// clients take the question and show nothing.
	mostAsk = 30 * time.Second
	// leastAsk is what a person needs at least: a call with less left does not ask.
	leastAsk = 10 * time.Second
	// openedGrace is how long paused does not end a wait after the user has opened
	// the page: they have only begun.
	openedGrace = 30 * time.Second
	// viewQuestion names the question in a result that asks.
	viewQuestion = "live_view"
)

// liveView is where a person can act in the task's browser, empty if nobody knows.
// It is a way in for whoever has it: it goes into answers and questions only.
func (s *sighting) liveView() string { return cmp.Or(s.task.LiveURL(), s.lastLive) }

// A question is put to the user by the result of the call. The zero question is
// none.
type question struct {
	task   schemas.ID
	params mcp.ElicitationParams
}

type questionKey struct{}

// withAsking returns the place where the call may leave a question.
func withAsking(ctx context.Context) (context.Context, *question) {
	q := &question{}
	return context.WithValue(ctx, questionKey{}, q), q
}

// consult has the user asked to open the live view of a task that waits for a
// person, where that can be done, and goes on waiting if they have opened it.
func (t *toolset) consult(ctx context.Context, s *sighting, p pursuit) {
	s.lastLive = t.Client.LastLiveURL(ctx, string(s.task.ID))
	waits := s.task.Status == browseract.TaskPaused && p.ends(s.task.Status)
	if !waits || t.closing() || !isWebPage(s.liveView()) || !showsPages(ctx) {
		return
	}
	params := mcp.ElicitationParams{Mode: mcp.ElicitationModeURL, Message: askText(s), URL: s.liveView()}
	if !server.IsModernRequest(ctx) {
		t.askNow(ctx, s, p, params)
	} else if q, ok := ctx.Value(questionKey{}).(*question); ok && t.memory.askOnce(t.remembered(ctx, s)) {
		*q = question{schemas.ID(s.task.ID), params}
	}
}

// askNow asks while the call waits.
func (t *toolset) askNow(ctx context.Context, s *sighting, p pursuit, params mcp.ElicitationParams) {
	if t.ask(ctx, s, p, params) == mcp.ElicitationResponseActionAccept {
		p.pausedCounts = time.Now().Add(openedGrace)
		t.wait(ctx, s, p)
		t.lookAgain(ctx, s)
	}
}

// ask returns what the user did, and nothing if they were not asked, did not
// answer in the call's time, or the client could not ask them.
func (t *toolset) ask(ctx context.Context, s *sighting, p pursuit, params mcp.ElicitationParams) mcp.ElicitationResponseAction {
	waiting, over := t.waiting(ctx, p.wait)
	defer over()
	waiting, cancel := context.WithTimeout(waiting, mostAsk)
	defer cancel()
	if until, _ := waiting.Deadline(); time.Until(until) < leastAsk || !t.memory.askOnce(t.remembered(ctx, s)) {
		return ""
	}
	params.ElicitationID = string(s.task.ID) // it is asked about once
	answer, err := server.ServerFromContext(ctx).RequestElicitation(waiting, mcp.ElicitationRequest{Params: params})
	if err != nil {
		return ""
	}
	s.reaction = reaction(answer.Action)
	return answer.Action
}

func (t *toolset) remembered(ctx context.Context, s *sighting) memoryKey {
	return memoryKey{t.Caller(ctx), string(s.task.ID)}
}

// showsPages reports whether the client says that it shows pages to its user, and
// the transport can carry the question.
func showsPages(ctx context.Context) bool {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.ClientCapabilities != nil && declaresPages(*info.ClientCapabilities)
	}
	session := server.ClientSessionFromContext(ctx)
	client, known := session.(server.SessionWithClientInfo)
	_, carries := session.(server.SessionWithElicitation)
	return known && carries && declaresPages(client.GetClientCapabilities())
}

// declaresPages wants it said: without modes a client has forms only.
func declaresPages(c mcp.ClientCapabilities) bool {
	return c.Elicitation != nil && c.Elicitation.URL != nil
}

func isWebPage(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// askText has no words of web pages in it.
func askText(s *sighting) string {
	return "The BrowserAct run " + string(s.task.ID) + " waits for you. Open its live view, do there what the page asks for " +
		"(log in, solve a captcha, decide), and tell the assistant when you are done. The step has a time limit."
}

// reaction tells a model what the user did with the question.
func reaction(action mcp.ElicitationResponseAction) string {
	switch action {
	case mcp.ElicitationResponseActionAccept:
		return "The user was asked just now and opened the live view; they may not be done yet."
	case mcp.ElicitationResponseActionDecline:
		return "The user was asked just now and declined to open the live view."
	default:
		return "The user was asked just now and closed the question without an answer."
	}
}

// orAsk returns the result of a call, with the question if there is one. The
// answer is in it too: a client that shows nothing still has the task's id.
func (t *toolset) orAsk(ctx context.Context, q *question, req mcp.CallToolRequest, result *mcp.CallToolResult) *mcp.CallToolResult {
	if q.task == "" || result == nil {
		return result
	}
	state := t.seal.issue(q.task, time.Now(), t.callOf(ctx, req)...)
	asks := server.NewInputRequestBuilder(state).Elicit(viewQuestion, q.params).ToolResult()
	asks.Content = result.Content
	return asks
}

// callOf is what tells a call from others: who calls what. Equal arguments are
// written equally, however the client orders them.
func (t *toolset) callOf(ctx context.Context, req mcp.CallToolRequest) []string {
	var arguments any
	_ = json.Unmarshal(req.Params.RawArguments, &arguments) // has been decoded before
	canonical, _ := json.Marshal(arguments)
	return []string{t.Caller(ctx), req.Params.Name, string(canonical)}
}

// repeats reports whether a call is the repetition that answers a question.
func repeats(req mcp.CallToolRequest) bool {
	return req.Params.RequestState != "" || len(req.Params.InputResponses) > 0
}

// takeUp answers a call that was repeated with the user's answer. It never comes
// to the tool itself: what that starts or resumes, the call did the first time.
func (t *toolset) takeUp(ctx context.Context, in any, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	task, err := t.goOn(ctx, in, req)
	if err != nil {
		return t.failure(ctx, err), nil
	}
	return t.structured(&task)
}

// goOn follows the task of the question as the user's answer says.
func (t *toolset) goOn(ctx context.Context, in any, req mcp.CallToolRequest) (schemas.Task, error) {
	known, err := t.seal.open(req.Params.RequestState, time.Now(), t.callOf(ctx, req)...)
	if err != nil {
		return schemas.Task{}, staleAnswer(known, err)
	}
	var p pursuit
	if w, ok := in.(waiter); ok {
		p.wait.WaitSeconds = int(w.wait() / time.Second)
	}
	seen, err := t.taskOf(ctx, known.TaskID, p.wait)
	if err != nil {
		return schemas.Task{}, problem.WithNext(err, schemas.NextTask("get_task", string(known.TaskID), "to see how the run stands"))
	}
	if g, ok := in.(getTaskInput); ok {
		g.wishes(&seen)
	}
	action := mcp.ElicitationResponseActionCancel
	if answer := server.ElicitationResponse(req.Params.InputResponses, viewQuestion); answer != nil {
		action = answer.Action
	}
	seen.reaction = reaction(action)
	if action != mcp.ElicitationResponseActionAccept {
		p.wait = waitInput{} // the user will not act now
	}
	p.pausedCounts = time.Now().Add(openedGrace)
	return t.follow(ctx, seen, p), nil
}

// staleAnswer refuses the answer to a question that this process did not ask in
// this call. Which task it was about is only what the client says; to look at it
// does no harm.
func staleAnswer(claimed ticket, err error) error {
	r := &problem.Error{Code: "unknown_request_state", Message: "Nothing was started or changed: this call answers a question, and the requestState is not one that this server gave to this call and API key; the server may have restarted since. " +
		"A run that was started goes on by itself. Do not start it again: call get_task with its task_id."}
	if errors.Is(err, errTicketOld) {
		r.Code, r.Message = "expired_request_state", "Nothing was started or changed: the question that this call answers is more than an hour old. The run goes on by itself; call get_task to see how it stands."
	}
	r.NextStep = schemas.NextList("to find the run's task_id")
	if claimed.TaskID != "" {
		r.NextStep = schemas.NextTask("get_task", string(claimed.TaskID), "to see how the run stands")
	}
	return r
}
