package call

import (
	"context"
	"net/url"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const (
	// maxAsk is how long a call waits for the user's answer: some clients accept the
	// question and show nothing.
	maxAsk = 30 * time.Second
	// minAsk is what a user needs to answer: a call with less time left does not ask.
	minAsk = 10 * time.Second
	// questionName names the question in a result that asks.
	questionName = "live_view"
)

// A Question asks the user to open a page for a task that waits for a person. The zero
// Question asks nothing.
type Question struct {
	TaskID string
	URL    string // of the page
}

// IsZero reports whether there is nothing to ask.
func (q Question) IsZero() bool { return q.TaskID == "" }

// An Answer is what the user did with a question; "" is that they were not asked, or did
// not answer in time.
type Answer = mcp.ElicitationResponseAction

// The answers. Accepted says that the user opened the page, not that they are done.
const (
	Accepted  = mcp.ElicitationResponseActionAccept
	Declined  = mcp.ElicitationResponseActionDecline
	Dismissed = mcp.ElicitationResponseActionCancel
)

// CanAsk reports whether the client declares that it shows pages to its user, the
// transport can carry the question, and the page is an https address without a user.
func (q Question) CanAsk(ctx context.Context) bool {
	if !isWebPage(q.URL) {
		return false
	}
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.ClientCapabilities != nil && declaresPages(*info.ClientCapabilities)
	}
	session := server.ClientSessionFromContext(ctx)
	client, known := session.(server.SessionWithClientInfo)
	_, carries := session.(server.SessionWithElicitation)
	return known && carries && declaresPages(client.GetClientCapabilities())
}

// AsksByResult reports whether the call's result asks, after which the client repeats the
// call: from the revision 2026-07-28 on. Before that the server asks while the call waits.
func AsksByResult(ctx context.Context) bool { return server.IsModernRequest(ctx) }

// declaresPages reports whether the capability is declared: without modes a client has
// forms only.
func declaresPages(c mcp.ClientCapabilities) bool {
	return c.Elicitation != nil && c.Elicitation.URL != nil
}

func isWebPage(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// params has no words of web pages in it.
func (q Question) params() mcp.ElicitationParams {
	return mcp.ElicitationParams{
		Mode: mcp.ElicitationModeURL,
		URL:  q.URL,
		Message: "The BrowserAct run " + q.TaskID + " waits for you. Open its live view, do what the page asks for " +
			"(log in, solve a captcha, decide), and tell the assistant when you are done. The step has a time limit.",
	}
}

// Ask asks while the call waits, for at most 30 s. A call with less than 10 s of its wait
// left does not ask; mayAsk is called only where it would, and can refuse.
func (s *Calls) Ask(ctx context.Context, q Question, wait time.Duration, mayAsk func() bool) Answer {
	waiting, over := s.WaitingOpen(ctx, wait)
	defer over()
	waiting, cancel := context.WithTimeout(waiting, maxAsk)
	defer cancel()
	if until, _ := waiting.Deadline(); time.Until(until) < minAsk || !mayAsk() {
		return ""
	}
	params := q.params()
	params.ElicitationID = q.TaskID // it is asked about once
	answer, err := server.ServerFromContext(ctx).RequestElicitation(waiting, mcp.ElicitationRequest{Params: params})
	if err != nil {
		return ""
	}
	return answer.Action
}

// Result returns a result that asks, with the content of answer, which a client that
// shows no question needs. state is signed.
func (q Question) Result(state string, answer *mcp.CallToolResult) *mcp.CallToolResult {
	asks := server.NewInputRequestBuilder(state).Elicit(questionName, q.params()).ToolResult()
	asks.Content = answer.Content
	return asks
}

// IsAnswer reports whether a call is the repetition that answers a question.
func IsAnswer(req mcp.CallToolRequest) bool {
	return req.Params.RequestState != "" || len(req.Params.InputResponses) > 0
}

// AnswerOf returns the user's answer in a repeated call. A missing one is Dismissed.
func AnswerOf(req mcp.CallToolRequest) Answer {
	if answer := server.ElicitationResponse(req.Params.InputResponses, questionName); answer != nil {
		return answer.Action
	}
	return Dismissed
}
