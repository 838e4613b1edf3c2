package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// clearTargets are those of which a read of the account has shown that nothing is under
// way that this process does not know. The zero value has none.
type clearTargets struct {
	mu  sync.Mutex
	set map[callerTarget]bool
}

type callerTarget struct {
	caller, target string
	kind           Kind
}

func callerTargetOf(run ledger.Run) callerTarget {
	return callerTarget{run.Caller, run.TargetID, run.Kind}
}

func (t *clearTargets) has(target callerTarget) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.set[target]
}

func (t *clearTargets) add(target callerTarget) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.set == nil || len(t.set) >= maxClearTargets {
		t.set = map[callerTarget]bool{}
	}
	t.set[target] = true
}

const (
	// maxClearTargets is how many targets are remembered before all are read anew.
	maxClearTargets = 10_000
	// activePageSize is how many tasks under way a page has: as many as the largest plan
	// runs at a time.
	activePageSize = 20
)

// needsAccount reports whether the run that c claims may be under way although the
// ledger does not know it: a process before this one started it, and the ledger has no
// run of the caller from the time in which such a run began.
func (e *Engine) needsAccount(c *claim) bool {
	return time.Since(e.opened) < ledger.MaxRun && !e.clear.has(callerTargetOf(c.Run)) && !e.ledger.Remembers(c.Claim)
}

// findInAccount looks for a task under way that may be the run of r: where the ledger
// remembers nothing, the account does. Such a task is the answer, and nothing is
// started. If the account cannot be read, nothing is started either. A nil Snapshot
// without an error: there is none.
func (e *Engine) findInAccount(ctx context.Context, r Request, c *claim) (*Snapshot, error) {
	task, match, err := e.mostAlike(ctx, r, c)
	if err != nil {
		e.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
		return nil, problem.NotStarted(err)
	}
	switch {
	case match == otherInputs:
		return nil, e.checkTime(ctx, c, r)
	case match == unclearInputs && r.BatchID != "":
		e.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
		return nil, rowsMayBeUnderWay(task)
	}
	settlement := ledger.Settlement{State: ledger.Refused}
	if match == sameInputs {
		settlement = ledger.Settlement{State: ledger.Started, TaskID: string(task.ID), Matched: true}
	}
	e.settle(ctx, c, settlement)
	seen := r.snapshot(c, task.ID, task.ProfileID)
	seen.Task.Status, seen.Task.CreatedAt, seen.Began = task.Status, task.CreatedAt, time.Time{}
	seen.Deduplicated = true
	if match != sameInputs {
		seen.TemplateID = "" // it may be another template's
	}
	seen.Warn("%s", r.alreadyUnderWay(match))
	return seen, nil
}

func (r Request) alreadyUnderWay(m inputMatch) string {
	how := "the same inputs"
	switch {
	case m != sameInputs:
		how = "inputs that cannot be compared, so it may be another run"
	case r.TemplateID != "":
		how += "; BrowserAct does not say of which template it is"
	}
	return "This server may not know the runs from before it started, and the account has this task under way with " + how +
		". It was not started again. Send allow_duplicate only if the user wants a second, paid run."
}

// mostAlike returns the task under way that is most like the run of r; otherInputs if
// there is none.
func (e *Engine) mostAlike(ctx context.Context, r Request, c *claim) (best browseract.TaskSummary, match inputMatch, err error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	tasks, err := e.activeTasks(ctx, r.Kind(), r.Target())
	if err != nil {
		return best, otherInputs, err
	}
	f := e.finderFor(c.Run, r)
	unknown, _ := f.withoutKnown(ctx, tasks)
	unknown = f.withoutCandidates(ctx, unknown)
	if len(unknown) == 0 && time.Since(e.opened) > maxListDelay {
		e.clear.add(callerTargetOf(c.Run))
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
	none := len(f.inputs) == 0 && (f.run.Kind == Template || shapeOf(task.Inputs) != noInputs())
	if m := f.match(task); m != sameInputs || !none {
		return m
	}
	return unclearInputs
}

// withoutCandidates leaves out the tasks that may be those of other starts, which this
// process has made.
func (f *finder) withoutCandidates(ctx context.Context, tasks []browseract.TaskSummary) []browseract.TaskSummary {
	open, _ := f.e.ledger.Unsettled(ctx, f.run.Caller) // without them a task is named once more
	return slices.DeleteFunc(tasks, func(task browseract.TaskSummary) bool {
		return slices.ContainsFunc(open, func(run ledger.Run) bool {
			return run.ID != f.run.ID && slices.Contains(run.Absence.Candidates, string(task.ID))
		})
	})
}

// activeTasks lists the tasks that have not ended. One page mostly shows them all; else
// each status is asked for.
func (e *Engine) activeTasks(ctx context.Context, kind Kind, target string) ([]browseract.TaskSummary, error) {
	filter := e.recent(kind, target)
	tasks, complete, err := e.listTasks(ctx, filter, taskPageSize, 1)
	if err != nil && !errors.Is(err, browseract.ErrReplyTooLarge) {
		return nil, err
	}
	for _, status := range []browseract.TaskStatus{browseract.TaskRunning, browseract.TaskCreated, browseract.TaskPaused, browseract.TaskPausing} {
		if complete {
			break
		}
		filter.Status = status
		more, _, err := e.listTasks(ctx, filter, activePageSize, maxTaskPages)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, more...)
	}
	return slices.DeleteFunc(tasks, func(task browseract.TaskSummary) bool { return task.Status.Ended() }), nil
}

// rowsMayBeUnderWay refuses the row of a batch, since each row would get the same task.
func rowsMayBeUnderWay(task browseract.TaskSummary) error {
	return &problem.Error{
		Code: "may_be_under_way",
		Message: fmt.Sprintf("This server may not know the runs from before it started, and the account has tasks under way whose inputs BrowserAct does not show, such as %s: rows of this batch may be among them. "+
			"Ask the user. If they are others, start the batch with allow_duplicate; else wait until they have ended, and call get_batch with continue.", sanitize.OneLine(string(task.ID), MaxName)),
	}
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
