package runs

import (
	"fmt"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// MaxNamed is how many candidates an answer names.
	MaxNamed = 5
	// MaxName is how many characters of an id, name or status an answer shows.
	MaxName = 80
)

// An AmbiguousStartError is a start that may have happened: none of the tasks that were
// found is certainly it.
type AmbiguousStartError struct {
	*browseract.StartUnknownError
	run        ledger.Run
	candidates []candidate
	request    Request
	unread     bool              // no list could be read
	partial    bool              // the list could not be read as a whole
	nextOwn    *schemas.NextStep // lists the caller's own runs
}

// ambiguous is the result of a search that found nothing for sure.
func (f *finder) ambiguous(err *browseract.StartUnknownError, found []candidate) error {
	return &AmbiguousStartError{
		StartUnknownError: err, run: f.run, candidates: found, request: f.request,
		unread: f.unread, partial: f.partial, nextOwn: f.e.nextOwn("to see whether the run was found"),
	}
}

// nextOwn is the call that lists the caller's own runs, or all where there is no ledger.
func (e *Engine) nextOwn(why string) *schemas.NextStep {
	next := schemas.NextList(why)
	if e.HasLedger() {
		next.Arguments["mine"] = true
	}
	return next
}

// Unwrap returns the API's unclear answer.
func (a *AmbiguousStartError) Unwrap() error { return a.StartUnknownError }

// Explain describes what is known of the start, and what a model and its user can do.
func (a *AmbiguousStartError) Explain() problem.Error {
	p := problem.Error{Code: problem.CodeStartUnknown, NextStep: a.nextList()}
	sent := fmt.Sprintf("BrowserAct gave no clear answer to the start sent at %s, so the run may have started and be billed. ", schemas.Timestamp(a.run.SentAt))
	switch {
	case len(a.candidates) > 0:
		p.NextStep = schemas.NextTask("get_task", string(a.candidates[0].task.ID), "to read the task that may be the run")
		p.Message = sent + "Nothing was started again. " + a.candidateText() + " Follow it, and tell the user; only if the user says that the run is none of these, " + a.howToRepeat()
	case a.partial && !a.unread:
		p.Message = sent + "The account has too many tasks for its list to be read as a whole, so nothing proves that it did not start. Look in list_tasks as next_step says; if it is not there, ask the user, and only then " + a.howToRepeat()
	case a.request.isUnrepeatable():
		p.NextStep = a.nextOwn
		p.Message = sent + a.searchText() + fmt.Sprintf(". Do not call again with allow_duplicate, which would start one more: look in list_tasks in %d s.", problem.Seconds(a.wait()))
	default:
		p.Retryable, p.RetryAfter = true, problem.Seconds(a.wait())
		p.Message = sent + a.searchText() + fmt.Sprintf(", which proves nothing before two minutes have passed, and nothing is started until then. Call again with the same arguments in %d s: then the run is either found or started. If the user does not want to wait and accepts that two runs may be paid, ", p.RetryAfter) + a.howToRepeat()
	}
	return p
}

// searchText is what searches have shown, without a candidate now.
func (a *AmbiguousStartError) searchText() string {
	switch before := a.run.Absence.Candidates; {
	case a.unread && len(before) > 0:
		return "The list of tasks could not be read just now, and the tasks that it showed before may be the run (" + sanitize.OneLine(strings.Join(before[:min(len(before), MaxNamed)], ", "), 2*MaxName) + ")"
	case a.unread:
		return "The list of tasks could not be read"
	}
	return "No list shows it yet"
}

// wait is how long to wait before asking again decides.
func (a *AmbiguousStartError) wait() time.Duration {
	return max(a.run.Absence.Remaining(), time.Second)
}

// candidateText names the candidates, and how sure each is.
func (a *AmbiguousStartError) candidateText() string {
	var named []string
	for _, c := range a.candidates[:min(len(a.candidates), MaxNamed)] {
		named = append(named, fmt.Sprintf("%s (%s)", sanitize.OneLine(string(c.task.ID), MaxName), c.describe(a.run)))
	}
	switch more := len(a.candidates) - MaxNamed; {
	case len(a.candidates) == 1:
		return "This task may be it: " + named[0] + "."
	case more > 0:
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return "One of these tasks may be it: " + strings.Join(named, ", ") + "."
}

// howToRepeat is how to start another run after all.
func (a *AmbiguousStartError) howToRepeat() string {
	if a.request.IdempotencyKey != "" {
		return "call again with allow_duplicate and a new idempotency_key."
	}
	return "call again with allow_duplicate."
}

// nextList is the call that finds a run which may have started. Runs of a template are
// listed under a workflow of their own, so only their time is known.
func (a *AmbiguousStartError) nextList() *schemas.NextStep {
	from := a.run.SentAt
	if begun := a.run.BegunAt; !begun.IsZero() {
		from = earlier(from, begun)
	}
	next := schemas.NextList("to find the run that may have started")
	next.Arguments["created_from"] = schemas.Timestamp(from.Add(-maxClockError))
	if a.run.Kind == Workflow {
		next.Arguments["workflow_id"] = a.run.TargetID
	}
	return next
}
