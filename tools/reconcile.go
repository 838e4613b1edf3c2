package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// searchTime is how long a start without a clear answer is looked for.
	searchTime = 8 * time.Second
	// searchPause is how long a list is given to show a new task, doubled each time.
	searchPause = time.Second
)

// resolve finds out about an identical start whose outcome is open: it waits for
// the call that is at it, or else looks for its task. Nil: ask the ledger again, also if
// it has failed or was exchanged meanwhile.
func (t *toolset) resolve(ctx context.Context, c *claim, s start) error {
	err := t.resolveIn(ctx, c, s)
	if errors.Is(err, ledger.ErrUnavailable) || errors.Is(err, ledger.ErrNoRun) {
		return nil
	}
	return err
}

func (t *toolset) resolveIn(ctx context.Context, c *claim, s start) error {
	if c.Run.Leased {
		return t.awaitOther(ctx, c, s)
	}
	run, mine, err := t.starts.Adopt(ctx, c.Run.ID)
	if err != nil || !mine {
		return err
	}
	search, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	return t.settleOpen(search, t.huntFor(run, s), s)
}

// huntFor looks for the task of a run that was started as s.
func (t *toolset) huntFor(run ledger.Run, s start) *hunt {
	return &hunt{
		t: t, run: run, inputs: s.inputs, known: true, profile: s.profileID,
		repeatable: s.batchID == "" && s.guard.IdempotencyKey == "",
	}
}

// patience is how long the holder of a start is left to it before its task is looked
// for: a process that was killed holds its lease to the end.
const patience = 3 * time.Second

// awaitOther waits until the holder of an identical start is done with it. Nil: ask
// the ledger again.
func (t *toolset) awaitOther(ctx context.Context, c *claim, s start) error {
	for {
		short, cancel := context.WithTimeout(ctx, patience)
		run, err := t.starts.Await(short, c.Run.ID)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return &problem.Error{Code: problem.CodeStartInProgress, Retryable: true, RetryAfter: 5, Message: "The same run is being started by another call right now. Nothing was started twice. Call again in a few seconds: the answer will carry its task_id."}
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		}
		found, _, err := t.huntFor(run, s).look(ctx)
		if err != nil {
			continue
		}
		// Its holder knows better, if it lives, and its word replaces this.
		if sure, ok := certainOne(found); ok && t.match(ctx, run, sure.task) == nil {
			return nil
		}
	}
}

// certainOne returns the candidate that is the start's task, if exactly one can be.
func certainOne(found []candidate) (sure candidate, ok bool) {
	n := 0
	for _, c := range found {
		if c.certain() {
			sure = c
			n++
		}
	}
	return sure, n == 1
}

// match records that a task was found to be the run's.
func (t *toolset) match(ctx context.Context, run ledger.Run, task browseract.TaskSummary) error {
	found := ledger.Settlement{State: ledger.Started, TaskID: string(task.ID), Matched: true}
	return t.starts.Settle(context.WithoutCancel(ctx), run.ID, found)
}

// settleOpen looks for the task of a start that was left open, for as long as search
// lasts. Nil: it is settled. A start did not happen only if that is proven.
func (t *toolset) settleOpen(search context.Context, h *hunt, s start) error {
	own := context.WithoutCancel(search)
	found, err := h.seek(search)
	if err == nil {
		if sure, ok := certainOne(found); ok {
			err := t.match(own, h.run, sure.task)
			if !errors.Is(err, ledger.ErrTaskTaken) {
				return err
			}
		}
		if len(found) == 0 && h.run.Absence.Proven() {
			return t.starts.Settle(own, h.run.ID, ledger.Settlement{State: ledger.Lost})
		}
	}
	if err := t.starts.Settle(own, h.run.ID, ledger.Settlement{State: ledger.Unknown}); err != nil {
		return err
	}
	unknown := &browseract.StartUnknownError{SentAt: h.run.BegunAt, Err: errors.New("an earlier start got no clear answer")}
	return h.unclear(unknown, s, found)
}

// unclear is what the hunt came to where it found nothing for sure.
func (h *hunt) unclear(err *browseract.StartUnknownError, s start, found []candidate) error {
	return &unclearStart{
		StartUnknownError: err, run: h.run, candidates: found, start: s, kept: h.t.starts != nil,
		unread: h.unread, partly: h.partly, own: h.t.listOwn("to see whether the run was found"),
	}
}

// seek looks until a task is certain, absence is proven, or ctx ends, and returns
// what the last look showed. A list may show a new task only seconds later. It fails
// if no list could be read.
func (h *hunt) seek(ctx context.Context) (found []candidate, err error) {
	h.unread = true
	for pause := searchPause; ; pause *= 2 {
		seen, complete, lookErr := h.look(ctx)
		switch _, sure := certainOne(seen); {
		case lookErr != nil:
			err = lookErr
		case sure:
			return seen, nil
		default:
			h.unread, h.partly, err = false, !complete, nil
			found = h.note(ctx, seen, complete)
		}
		if h.once || !h.unread && len(found) == 0 && h.run.Absence.Proven() {
			return found, err
		}
		select {
		case <-ctx.Done():
			if h.unread {
				return nil, err
			}
			return found, nil
		case <-time.After(pause):
		}
	}
}

// note records a look, and returns the candidates that still matter.
func (h *hunt) note(ctx context.Context, found []candidate, complete bool) []candidate {
	if h.repeatable && h.isOver(found) {
		found = nil
	}
	if h.t.starts == nil || !h.known && len(found) > 0 || !complete && len(found) == 0 {
		return found
	}
	run, err := h.t.starts.RecordSearch(context.WithoutCancel(ctx), h.run.ID, ledger.Search{APIAt: h.t.Client.Now(), Candidates: ids(found)})
	if err == nil {
		h.run = run
	}
	return found // a look that could not be recorded only has to be made again
}

// An unclearStart is a start that may have happened: none of the tasks that were
// found is it for sure.
type unclearStart struct {
	*browseract.StartUnknownError
	run        ledger.Run
	candidates []candidate
	start      start
	kept       bool              // it is remembered: the same start is not sent again
	unread     bool              // no list could be read
	partly     bool              // the list could not be read as a whole
	own        *schemas.NextStep // lists the caller's own runs
}

func (u *unclearStart) Unwrap() error { return u.StartUnknownError }

// maxNamed is how many candidates an answer names.
const maxNamed = 5

// explain tells a model of the start, and what it and its user can do.
func (u *unclearStart) Explain() problem.Error {
	p := problem.Error{Code: problem.CodeStartUnknown, NextStep: u.lookFor()}
	sent := fmt.Sprintf("BrowserAct gave no clear answer to the start sent at %s, so the run may have started and be billed. ", schemas.Timestamp(u.run.SentAt))
	switch {
	case len(u.candidates) > 0:
		p.NextStep = schemas.NextTask("get_task", string(u.candidates[0].task.ID), "to look at the task that may be the run")
		p.Message = sent + "Nothing was started again. " + u.named() + " Follow it, and tell the user; only if the user says that the run is none of these, " + u.another()
	case !u.kept:
		p.Message = sent + "Do not run it again: first call list_tasks as next_step says and look for a task with the same inputs. If there is none after two minutes, ask the user before you run it again."
	case u.partly && !u.unread:
		p.Message = sent + "The account has too many tasks for its list to be read as a whole, so nothing proves that it did not start. Look in list_tasks as next_step says; if it is not there, ask the user, and only then " + u.another()
	case u.start.guard.AllowDuplicate && u.start.guard.IdempotencyKey == "":
		p.NextStep = u.own
		p.Message = sent + u.sofar() + ". Do not call again with allow_duplicate, which would start one more: look in list_tasks in " + inSeconds(problem.Seconds(u.wait())) + "."
	default:
		p.Retryable, p.RetryAfter = true, problem.Seconds(u.wait())
		p.Message = sent + u.sofar() + ", which proves nothing before two minutes have passed, and nothing is started until then. Call again with the same arguments in " + inSeconds(p.RetryAfter) + ": then the run is either found or started. If the user does not want to wait and accepts that two runs may be paid, " + u.another()
	}
	return p
}

// sofar is what looks have shown without a candidate now.
func (u *unclearStart) sofar() string {
	switch before := u.run.Absence.Candidates; {
	case u.unread && len(before) > 0:
		return "The list of tasks could not be read just now, and what it showed before may be it (" + sanitize.OneLine(strings.Join(before[:min(len(before), maxNamed)], ", "), 2*maxName) + ")"
	case u.unread:
		return "The list of tasks could not be read"
	}
	return "No list shows it yet"
}

func inSeconds(n int) string { return fmt.Sprintf("%d s", n) }

// wait is how long to wait before asking again decides.
func (u *unclearStart) wait() time.Duration { return max(u.run.Absence.Remaining(), time.Second) }

// named names the candidates, and how sure each is.
func (u *unclearStart) named() string {
	var named []string
	for _, c := range u.candidates[:min(len(u.candidates), maxNamed)] {
		named = append(named, fmt.Sprintf("%s (%s)", sanitize.OneLine(string(c.task.ID), maxName), c.describe(u.run)))
	}
	switch more := len(u.candidates) - maxNamed; {
	case len(u.candidates) == 1:
		return "This task may be it: " + named[0] + "."
	case more > 0:
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return "One of these tasks may be it: " + strings.Join(named, ", ") + "."
}

// another is how to start another run after all.
func (u *unclearStart) another() string {
	if u.start.guard.IdempotencyKey != "" {
		return "call again with allow_duplicate and a new idempotency_key."
	}
	return "call again with allow_duplicate."
}

// lookFor is the call that finds a run which may have started. Runs of a template
// are listed under a workflow of their own, so only the time is known of them.
func (u *unclearStart) lookFor() *schemas.NextStep {
	from := earlier(u.run.SentAt, u.run.BegunAt)
	if from.IsZero() {
		from = u.run.SentAt
	}
	arguments := map[string]any{"created_from": schemas.Timestamp(from.Add(-wideSlack))}
	if u.run.Kind == ledger.Workflow {
		arguments["workflow_id"] = u.run.TargetID
	}
	return &schemas.NextStep{Tool: "list_tasks", Arguments: arguments, Why: "to look for the run that may have started"}
}
