package runs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A callerTarget is a workflow or template as one caller runs it.
type callerTarget struct {
	caller, target string
	kind           Kind
}

func callerTargetOf(run ledger.Run) callerTarget {
	return callerTarget{run.Caller, run.TargetID, run.Kind}
}

// needsAccount reports whether the run of the claim may be under way although the ledger
// does not know it: a process before this one started it, and the ledger has no run of
// the caller from the time in which such a run began.
func (c *claim) needsAccount() bool {
	_, isClear := c.e.clear.Load(callerTargetOf(c.Run))
	return !isClear && time.Since(c.e.opened) < ledger.MaxRun && !c.e.ledger.Remembers(c.Claim)
}

// findInAccount searches the account for a task under way that may be the claim's run.
// Such a task is the answer, and nothing is started; nor is it if the account cannot be
// read. A nil Snapshot without an error: there is no such task.
func (c *claim) findInAccount(ctx context.Context) (*Snapshot, error) {
	task, match, err := c.bestActive(ctx)
	switch {
	case err != nil:
		c.refuse(ctx)
		return nil, problem.NotStarted(err)
	case match == otherInputs:
		return nil, c.checkTime(ctx)
	case match == sameInputs:
		c.settle(ctx, matchedTo(task))
	default:
		c.refuse(ctx)
	}
	if match == unclearInputs && c.request.BatchID != "" {
		return nil, rowsMayBeActive(task)
	}
	s := c.snapshot(task.ID, task.ProfileID)
	s.Task.Status, s.Task.CreatedAt, s.Began = task.Status, task.CreatedAt, time.Time{}
	s.Deduplicated = true
	if match != sameInputs {
		s.TemplateID = "" // it may be another template's
	}
	s.warn("%s", c.request.activeWarning(match))
	return s, nil
}

// activeWarning is the warning that a task of the account is the answer.
func (r Request) activeWarning(match inputMatch) string {
	how := "the same inputs"
	switch {
	case match != sameInputs:
		how = "inputs that cannot be compared, so it may be another run"
	case r.TemplateID != "":
		how += "; BrowserAct does not say of which template it is"
	}
	return "This server may not know the runs from before it started, and the account has this task under way with " + how +
		". It was not started again. Send allow_duplicate only if the user wants a second, paid run."
}

// rowsMayBeActive refuses the row of a batch, since each row would get the same task.
func rowsMayBeActive(task browseract.TaskSummary) error {
	return &problem.Error{
		Code: "may_be_under_way",
		Message: fmt.Sprintf("This server may not know the runs from before it started, and the account has tasks under way whose inputs BrowserAct does not show, such as %s: rows of this batch may be among them. "+
			"Ask the user. If they are others, start the batch with allow_duplicate; else wait until they have ended, and call get_batch with continue.", sanitize.OneLine(string(task.ID), MaxName)),
	}
}

// bestActive returns the task under way whose inputs match the claim's best; otherInputs
// if there is none.
func (c *claim) bestActive(ctx context.Context) (best browseract.TaskSummary, match inputMatch, err error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	tasks, err := c.e.account.active(ctx, c.request.Kind(), c.request.Target())
	if err != nil {
		return best, otherInputs, err
	}
	f := c.e.finderFor(c.Run, c.request)
	unknown, _ := f.withoutKnown(ctx, tasks)
	unknown = f.withoutCandidates(ctx, unknown)
	if len(unknown) == 0 && time.Since(c.e.opened) > maxListDelay {
		c.e.clear.Store(callerTargetOf(c.Run), true)
	}
	for _, task := range unknown {
		if m := f.matchActive(task); m > match && f.mayBelong(ctx, task) {
			best, match = task, m
		}
	}
	return best, match, nil
}

// matchActive is match where nothing says that the start was sent before: a start
// without inputs matches no task by them.
func (f *finder) matchActive(task browseract.TaskSummary) inputMatch {
	none := len(f.request.Inputs) == 0 && (f.run.Kind == Template || shapeOf(task.Inputs) != noInputs())
	if m := f.match(task); m != sameInputs || !none {
		return m
	}
	return unclearInputs
}

// withoutCandidates leaves out the tasks that may be those of other starts of this
// process.
func (f *finder) withoutCandidates(ctx context.Context, tasks []browseract.TaskSummary) []browseract.TaskSummary {
	open, _ := f.e.ledger.Unsettled(ctx, f.run.Caller) // without them a task is named once more
	return slices.DeleteFunc(tasks, func(task browseract.TaskSummary) bool {
		return slices.ContainsFunc(open, func(run ledger.Run) bool {
			return run.ID != f.run.ID && slices.Contains(run.Absence.Candidates, string(task.ID))
		})
	})
}

// mayBelong reports whether a task whose inputs cannot be compared may be the start's. A
// template's task is of no workflow of the account's own.
func (f *finder) mayBelong(ctx context.Context, task browseract.TaskSummary) bool {
	switch {
	case f.hasForeignInputs(task):
		return false
	case f.run.Kind == Workflow:
		return true
	}
	own, err := f.e.Client.AllWorkflows(ctx)
	return err != nil || !slices.ContainsFunc(own, func(w browseract.Workflow) bool { return w.ID == task.WorkflowID })
}
