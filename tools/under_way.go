package tools

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

// accountLooks are the targets of which a look at the account has shown that nothing
// is under way that this process does not know. The zero value has none.
type accountLooks struct {
	mu    sync.Mutex
	clear map[accountLook]bool
}

type accountLook struct {
	caller, target string
	kind           ledger.Kind
}

func (l *accountLooks) isClear(look accountLook) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clear[look]
}

func (l *accountLooks) setClear(look accountLook) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clear == nil || len(l.clear) >= maxAccountLooks {
		l.clear = map[accountLook]bool{}
	}
	l.clear[look] = true
}

const (
	// maxAccountLooks is from how many targets on they are looked at anew.
	maxAccountLooks = 10_000
	// openPageSize is how many tasks under way a page has: as many as the largest plan
	// runs at a time.
	openPageSize = 20
	// listsAll is how old a task is at the most that no list shows yet.
	listsAll = 2 * time.Minute
)

// mayHaveForgotten reports whether the run that c claims may be under way already
// although the ledger does not know it: a process before this one started it, and the
// ledger has no run of the caller from the time in which such a run began.
func (t *toolset) mayHaveForgotten(ctx context.Context, c *claim) bool {
	if t.starts == nil {
		return true
	}
	return time.Since(t.opened) < ledger.MaxRun && !t.accountLooks.isClear(lookOf(c.Run)) && !t.starts.Remembers(c.Claim)
}

func lookOf(run ledger.Run) accountLook { return accountLook{run.Caller, run.TargetID, run.Kind} }

// underWayAlready looks for a task under way that may be the run of s: where the
// ledger remembers nothing, the account is the memory. Such a task is the answer, and
// nothing is started. If the account cannot be asked, nothing is started either.
func (t *toolset) underWayAlready(ctx context.Context, s start, c *claim) (seen sighting, found bool, err error) {
	task, how, err := t.lookUnderWay(ctx, s, c)
	if err != nil {
		t.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
		return sighting{}, false, problem.NotStarted(err)
	}
	switch {
	case how == otherInputs:
		return sighting{}, false, t.checkTime(ctx, c, s)
	case how == unclearInputs && s.batchID != "":
		t.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
		return sighting{}, false, rowsMayBeUnderWay(task)
	}
	settlement := ledger.Settlement{State: ledger.Refused}
	if how == sameInputs {
		settlement = ledger.Settlement{State: ledger.Started, TaskID: string(task.ID), Matched: true}
	}
	t.settle(ctx, c, settlement)
	seen = s.sight(c, task.ID, task.ProfileID)
	seen.task.Status, seen.task.CreatedAt, seen.began = task.Status, task.CreatedAt, time.Time{}
	seen.deduplicated = true
	if how != sameInputs {
		seen.templateID = "" // it may be another template's
	}
	seen.warn("%s", alreadyUnderWay(s, how))
	return seen, true, nil
}

func alreadyUnderWay(s start, l likeness) string {
	how := "the same inputs"
	switch {
	case l != sameInputs:
		how = "inputs that cannot be compared, so it may be another run"
	case s.templateID != "":
		how += "; of which template it is BrowserAct does not tell"
	}
	return "This server may not know the runs from before it started, and the account has this task under way with " + how +
		". It was not started again. Send allow_duplicate only if the user wants a second, paid run."
}

// lookUnderWay returns the task under way that is most like the run of s; otherInputs
// if there is none.
func (t *toolset) lookUnderWay(ctx context.Context, s start, c *claim) (best browseract.TaskSummary, how likeness, err error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	tasks, err := t.tasksUnderWay(ctx, s.kind(), s.target())
	if err != nil {
		return best, otherInputs, err
	}
	h := t.huntFor(c.Run, s)
	unknown, _ := h.sift(ctx, tasks)
	unknown = h.withoutCandidates(ctx, unknown)
	if len(unknown) == 0 && time.Since(t.opened) > listsAll {
		t.accountLooks.setClear(lookOf(c.Run))
	}
	for _, task := range unknown {
		if l := h.likenessUnderWay(task); l > how && h.mayTake(ctx, task) {
			best, how = task, l
		}
	}
	return best, how, nil
}

// likenessUnderWay is likeness where nothing says that the start was sent before: a
// start without inputs is like no task by them.
func (h *hunt) likenessUnderWay(task browseract.TaskSummary) likeness {
	none := len(h.inputs) == 0 && (h.run.Kind == ledger.Template || shapeOf(task.Inputs) != noInputs())
	if l := h.likeness(task); l != sameInputs || !none {
		return l
	}
	return unclearInputs
}

// withoutCandidates leaves out the tasks that may be those of other starts, which this
// process has made.
func (h *hunt) withoutCandidates(ctx context.Context, tasks []browseract.TaskSummary) []browseract.TaskSummary {
	if h.t.starts == nil {
		return tasks
	}
	open, _ := h.t.starts.Unsettled(ctx, h.run.Caller) // without them a task is named once more
	return slices.DeleteFunc(tasks, func(task browseract.TaskSummary) bool {
		return slices.ContainsFunc(open, func(run ledger.Run) bool {
			return run.ID != h.run.ID && slices.Contains(run.Absence.Candidates, string(task.ID))
		})
	})
}

// tasksUnderWay lists the tasks that have not ended. One page mostly shows them all;
// else each status is asked for.
func (t *toolset) tasksUnderWay(ctx context.Context, kind ledger.Kind, target string) ([]browseract.TaskSummary, error) {
	filter := t.recent(kind, target)
	tasks, complete, err := t.listTasks(ctx, filter, taskPageSize, 1)
	if err != nil && !errors.Is(err, browseract.ErrReplyTooLarge) {
		return nil, err
	}
	for _, status := range []browseract.TaskStatus{browseract.TaskRunning, browseract.TaskCreated, browseract.TaskPaused, browseract.TaskPausing} {
		if complete {
			break
		}
		filter.Status = status
		more, _, err := t.listTasks(ctx, filter, openPageSize, maxTaskPages)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, more...)
	}
	return slices.DeleteFunc(tasks, func(task browseract.TaskSummary) bool { return task.Status.Ended() }), nil
}

// rowsMayBeUnderWay refuses the row of a batch, since each row would get the same task
// for its own.
func rowsMayBeUnderWay(task browseract.TaskSummary) error {
	return &problem.Error{
		Code: "may_be_under_way",
		Message: fmt.Sprintf("This server may not know the runs from before it started, and the account has tasks under way whose inputs BrowserAct does not tell, such as %s: rows of this batch may be among them. "+
			"Ask the user. If they are others, start the batch with allow_duplicate; else wait until they have ended, and call get_batch with continue.", sanitize.OneLine(string(task.ID), maxName)),
	}
}

// mayTake reports whether a task whose inputs cannot be compared may be the start's. A
// template's task is of no workflow of the account's own.
func (h *hunt) mayTake(ctx context.Context, task browseract.TaskSummary) bool {
	switch {
	case h.isForeign(task):
		return false
	case h.run.Kind == ledger.Workflow:
		return true
	}
	own, err := h.t.Client.AllWorkflows(ctx)
	return err != nil || !slices.ContainsFunc(own, func(w browseract.Workflow) bool { return w.ID == task.WorkflowID })
}
