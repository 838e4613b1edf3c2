package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

const (
	// searchTime is how long a start without a clear answer is looked for.
	searchTime = 8 * time.Second
	// searchPause is how long a list is given to show a new task, doubled each time.
	searchPause = time.Second
	// clockSlack is how far the API's clock, which tells whole seconds, may be off.
	clockSlack = 3 * time.Second
	// createdWithin is how long after its request a task is created at the latest.
	createdWithin = 30 * time.Second
	// lostAfter is when a start that no list shows has not happened.
	lostAfter = time.Minute
	// wideSlack is how far it may be off before a start is wrongly taken for lost.
	wideSlack = 5 * time.Minute
)

// resolve finds out about an identical start whose outcome is open: it waits for
// whoever is at it, or else looks for its task. Nil: ask the ledger again, also if
// it has failed or was exchanged meanwhile.
func (t *toolset) resolve(ctx context.Context, c *claim, s start) error {
	err := t.resolveIn(ctx, c, s)
	if t.mirror.Failed(err) || errors.Is(err, ledger.ErrNoRun) {
		return nil
	}
	return err
}

func (t *toolset) resolveIn(ctx context.Context, c *claim, s start) error {
	if c.Run.Leased {
		return t.awaitOther(ctx, c)
	}
	run, mine, err := c.book.Adopt(ctx, c.Run.ID)
	if err != nil || !mine {
		return err
	}
	return t.settleOpen(ctx, c.book, run, s)
}

// patience is how long whoever is at a start is left to it before its task is
// looked for: a process that was killed holds its lease to the end.
const patience = 3 * time.Second

// awaitOther waits until whoever is at an identical start is done with it. Nil: ask
// the ledger again.
func (t *toolset) awaitOther(ctx context.Context, c *claim) error {
	for {
		short, cancel := context.WithTimeout(ctx, patience)
		run, err := c.book.Await(short, c.Run.ID)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return &refusal{Code: "start_under_way", Retryable: true, RetryAfter: 5, Message: "The same run is being started by another call right now. Nothing was started twice. Call again in a few seconds: the answer will carry its task_id."}
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		}
		found, err := t.candidates(ctx, c.book, run)
		if err != nil || len(found) != 1 {
			continue
		}
		// Whoever is at it knows better, if it lives, and its word replaces this.
		if t.mirror.Settle(ctx, c.book, run.ID, ledger.Settlement{State: ledger.Started, TaskID: string(found[0].ID), Matched: true}) == nil {
			return nil
		}
	}
}

// settleOpen looks for the task of a start that was left open. A start that is a
// minute old and that no list shows has not happened.
func (t *toolset) settleOpen(ctx context.Context, book *ledger.Ledger, run ledger.Run, s start) error {
	search, cancel := detached(ctx, searchTime)
	defer cancel()
	return t.settleFound(search, book, run, s)
}

// settleFound is settleOpen for as long as search lasts.
func (t *toolset) settleFound(search context.Context, book *ledger.Ledger, run ledger.Run, s start) error {
	own := context.WithoutCancel(search)
	found, err := t.seek(search, book, run)
	switch {
	case err == nil && len(found) == 1:
		err = t.mirror.Settle(own, book, run.ID, ledger.Settlement{State: ledger.Started, TaskID: string(found[0].ID), Matched: true})
		if !errors.Is(err, ledger.ErrTaskTaken) {
			return err
		}
	case err == nil && len(found) == 0 && t.Client.Now().Sub(run.SentAt) >= lostAfter:
		var nowhere bool
		if found, nowhere = t.lookWider(search, book, run); nowhere {
			return t.mirror.Settle(own, book, run.ID, ledger.Settlement{State: ledger.Lost})
		}
	}
	if err := t.mirror.Settle(own, book, run.ID, ledger.Settlement{State: ledger.Unknown}); err != nil {
		return err
	}
	unknown := &browseract.StartUnknownError{SentAt: run.BegunAt, Err: errors.New("an earlier start got no clear answer")}
	return hinting(&unclearStart{unknown, run.SentAt, found}, s.lookFor(run.SentAt))
}

// seek looks in list-tasks for what a start may have begun: the same workflow, the
// same inputs, created since it was sent, and not known as another start's. A list
// may show a new task only seconds later, so it asks until something is found or
// ctx ends. It fails if no list could be read.
func (t *toolset) seek(ctx context.Context, book *ledger.Ledger, run ledger.Run) ([]browseract.TaskSummary, error) {
	read := false
	for pause := searchPause; ; pause *= 2 {
		found, err := t.candidates(ctx, book, run)
		if read = read || err == nil; len(found) > 0 {
			return found, nil
		}
		if t.Client.Now().Sub(run.SentAt) >= lostAfter && err == nil {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			if !read {
				return nil, err
			}
			return nil, nil
		case <-time.After(pause):
		}
	}
}

func (t *toolset) candidates(ctx context.Context, book *ledger.Ledger, run ledger.Run) ([]browseract.TaskSummary, error) {
	found, _, err := t.createdBetween(ctx, book, run, run.SentAt.Add(-clockSlack), run.SentAt.Add(createdWithin))
	return found, err
}

// lookWider looks for a start that is about to be taken for lost, in case the
// clocks are not what they seem. It is nowhere only if the whole list says so.
func (t *toolset) lookWider(ctx context.Context, book *ledger.Ledger, run ledger.Run) (found []browseract.TaskSummary, nowhere bool) {
	found, whole, err := t.createdBetween(ctx, book, run, run.SentAt.Add(-wideSlack), run.SentAt.Add(wideSlack))
	return found, err == nil && whole && len(found) == 0
}

// createdBetween lists the tasks of a time that a start may have begun. whole says
// that the list fitted into one look.
func (t *toolset) createdBetween(ctx context.Context, book *ledger.Ledger, run ledger.Run, from, to time.Time) (found []browseract.TaskSummary, whole bool, err error) {
	filter := browseract.TaskFilter{From: from, To: to}
	if run.Kind == ledger.Workflow {
		filter.WorkflowID = run.TargetID
	}
	page, err := t.Client.Tasks(ctx, filter, 1, browseract.MaxLimit)
	if err != nil {
		return nil, false, err
	}
	var similar []browseract.TaskSummary
	for _, task := range page.Items {
		same := slices.Contains(run.InputShapes, shapeOf(task.Inputs))
		switch {
		case !same && !resembles(run, task), isOfAnother(ctx, book, run, task):
		case same:
			found = append(found, task)
		default:
			similar = append(similar, task)
		}
	}
	if len(found) == 0 {
		found = similar
	}
	return found, page.TotalPages <= 1, nil
}

// resembles reports whether a task may be the run although its inputs are not only
// those that were sent. Where none were sent, at least the workflow has to be it.
func resembles(run ledger.Run, task browseract.TaskSummary) bool {
	sent := !slices.Contains(run.InputShapes, noInputs())
	return (sent || run.Kind == ledger.Workflow) && includes(task.Inputs, run.InputShapes)
}

// isOfAnother reports whether the ledger knows a task as another start's.
func isOfAnother(ctx context.Context, book *ledger.Ledger, run ledger.Run, task browseract.TaskSummary) bool {
	if book == nil {
		return false
	}
	other, known, err := book.Run(ctx, run.Caller, string(task.ID))
	return err == nil && known && other.ID != run.ID
}

// likeness says why a task is taken for the run that was asked for.
func likeness(s start, task browseract.TaskSummary, sentAt time.Time) string {
	same := "the same inputs"
	if s.workflowID != "" {
		same = "the same workflow and inputs"
	}
	if !slices.Contains(inputShapes(s.inputs), shapeOf(task.Inputs)) {
		same += ", and others that were not sent"
	}
	when := "at that time"
	if created := task.CreatedAt.Time; !created.IsZero() {
		when = fmt.Sprintf("%.0f s after the request was sent", max(0, created.Sub(sentAt).Seconds()))
	}
	return fmt.Sprintf("%s, created %s; it is this run unless somebody else started the same one then", same, when)
}

// An unclearStart is a start that may have happened: none of the tasks that were
// found is it for sure.
type unclearStart struct {
	*browseract.StartUnknownError
	sentAt     time.Time // by the API's clock
	candidates []browseract.TaskSummary
}

func (u *unclearStart) Unwrap() error { return u.StartUnknownError }

// words tells a model of the start.
func (u *unclearStart) words() string {
	ids := make([]string, len(u.candidates))
	for i, task := range u.candidates {
		ids[i] = string(task.ID)
	}
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" This task has the same inputs and was created about then; it may be it: %s.", ids[0])
	}
	return fmt.Sprintf(" These tasks have the same inputs and were created then; one of them may be it: %s.", strings.Join(ids, ", "))
}

// lookFor is the call that finds a run which may have started. Runs of a template
// are listed under a workflow of their own, so only the time is known of them.
func (s start) lookFor(sentAt time.Time) *schemas.NextStep {
	arguments := map[string]any{"created_from": stamp(sentAt.Add(-clockSlack))}
	if s.workflowID != "" {
		arguments["workflow_id"] = s.workflowID
	}
	return &schemas.NextStep{Tool: "list_tasks", Arguments: arguments, Why: "to look for the run that may have started"}
}

// detached returns a context for work that the server owes although its caller may
// have gone: it keeps the caller's key and deadline, not the cancellation, and
// lasts at most for d.
func detached(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	until := time.Now().Add(d)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), until)
}
