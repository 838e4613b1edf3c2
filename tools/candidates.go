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

// listedFor is how far back tasks are listed: a run lasts at most 7 hours, by clocks
// that may be a time zone apart.
const listedFor = ledger.MaxRun + maxZone + time.Hour

// A candidate is a task that may be the one of a start without a clear answer.
type candidate struct {
	task   browseract.TaskSummary
	inputs likeness // not otherInputs
	timely bool     // by one of the clocks it was created when the start was sent
}

// certain says that nothing speaks against the candidate.
func (c candidate) certain() bool { return c.inputs == sameInputs && c.timely }

// A hunt looks for the task of one start.
type hunt struct {
	t      *toolset
	run    ledger.Run
	inputs []browseract.Input
	known  bool // inputs are those that were sent; else only their hashes are known
	// repeatable says that the same start may be sent again when its run has long
	// ended: not the row of a batch, nor one with an idempotency key.
	repeatable bool
	once       bool   // one look is enough
	unread     bool   // no list could be read
	partly     bool   // the last look was not complete
	profile    string // that was asked for; empty: none, or it is not known
}

// look lists the account's tasks once. Without candidates it proves nothing unless it
// is complete.
func (h *hunt) look(ctx context.Context) (found []candidate, complete bool, err error) {
	tasks, complete, err := h.t.recentTasks(ctx, h.run.Kind, h.run.TargetID)
	if err != nil {
		return nil, false, err
	}
	tasks, err = h.withRemembered(ctx, tasks)
	if err != nil {
		return nil, false, err
	}
	unknown, clocks := h.sift(ctx, tasks)
	for _, task := range unknown {
		if task.Status.Ended() && !clocks.timely(task) && !clocks.mayBeWrong(task) && !h.remembers(task) {
			continue // before its inputs are read, which may be long
		}
		c := candidate{task: task, inputs: h.likeness(task), timely: clocks.timely(task)}
		if c.inputs != otherInputs && (c.timely || h.possible(c, clocks) || h.remembers(task)) {
			found = append(found, c)
		}
	}
	return found, complete, nil
}

// recentTasks lists the tasks of the last day, newest first: those of a workflow, or
// all of them for a template, whose tasks are listed under a workflow of their own.
func (t *toolset) recentTasks(ctx context.Context, kind ledger.Kind, target string) (tasks []browseract.TaskSummary, complete bool, err error) {
	filter := t.recent(kind, target)
	for limit := taskPageSize; ; limit /= 5 {
		tasks, complete, err = t.listTasks(ctx, filter, limit, maxTaskPages)
		if limit < 5 || !errors.Is(err, browseract.ErrReplyTooLarge) {
			return tasks, complete, err
		}
	}
}

// recent asks for the tasks that may still be under way, or may have been a moment ago.
func (t *toolset) recent(kind ledger.Kind, target string) browseract.TaskFilter {
	filter := browseract.TaskFilter{From: earlier(time.Now(), t.Client.Now()).Add(-listedFor)}
	if kind == ledger.Workflow {
		filter.WorkflowID = target
	}
	return filter
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

const (
	taskPageSize = 100
	// maxTaskPages bounds one look. An account with more runs a day than that may
	// have to be searched by hand.
	maxTaskPages = 20
)

// listTasks lists tasks page by page. Without a count of the pages it reads on until
// one shows nothing new.
func (t *toolset) listTasks(ctx context.Context, filter browseract.TaskFilter, limit, pages int) (tasks []browseract.TaskSummary, complete bool, err error) {
	seen := map[browseract.ID]bool{}
	for number := 1; number <= pages; number++ {
		page, err := t.Client.Tasks(ctx, filter, number, limit)
		if err != nil {
			return nil, false, err
		}
		more := false
		for _, task := range page.Items {
			if !seen[task.ID] {
				seen[task.ID], more = true, true
				tasks = append(tasks, task)
			}
		}
		if !more || number == page.TotalPages {
			return tasks, true, nil
		}
	}
	return tasks, false, nil
}

// withRemembered adds the tasks that were candidates before and that the list does not
// show any more: a list may be older than the one before it.
func (h *hunt) withRemembered(ctx context.Context, tasks []browseract.TaskSummary) ([]browseract.TaskSummary, error) {
	for _, id := range h.run.Absence.Candidates {
		if slices.ContainsFunc(tasks, func(task browseract.TaskSummary) bool { return string(task.ID) == id }) {
			continue
		}
		task, err := h.t.Client.Task(ctx, id)
		switch {
		case err == nil:
			tasks = append(tasks, task.TaskSummary)
		case !errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask}):
			return nil, err
		}
	}
	return tasks, nil
}

// sift returns the tasks that the ledger does not know as another start's, and what
// those that it knows tell of the clocks.
func (h *hunt) sift(ctx context.Context, tasks []browseract.TaskSummary) (unknown []browseract.TaskSummary, clocks clocks) {
	ahead, _ := h.t.Client.ClockOffset()
	clocks.sent = []time.Time{h.run.BegunAt, h.run.SentAt, h.run.BegunAt.Add(ahead)}
	clocks.now = []time.Time{time.Now(), h.t.Client.Now()}
	for _, task := range tasks {
		other, known := h.otherStart(ctx, task)
		switch {
		case !known && h.isElsewhere(task):
		case !known:
			unknown = append(unknown, task)
		case !task.CreatedAt.IsZero() && !other.Matched:
			clocks.sent, clocks.tested = append(clocks.sent, h.run.BegunAt.Add(task.CreatedAt.Sub(other.BegunAt))), true
		}
	}
	return unknown, clocks
}

// isElsewhere says that a task is of another workflow, although it was listed.
func (h *hunt) isElsewhere(task browseract.TaskSummary) bool {
	return h.run.Kind == ledger.Workflow && task.WorkflowID != "" && string(task.WorkflowID) != h.run.TargetID
}

// otherStart returns the start that the ledger knows a task of, unless it is the one
// that is looked for.
func (h *hunt) otherStart(ctx context.Context, task browseract.TaskSummary) (other ledger.Run, known bool) {
	if h.t.starts == nil {
		return ledger.Run{}, false
	}
	other, known, err := h.t.starts.Run(ctx, h.run.Caller, string(task.ID))
	return other, err == nil && known && other.ID != h.run.ID
}

func (h *hunt) likeness(task browseract.TaskSummary) likeness {
	switch {
	case !h.known:
		return likenessToHashes(h.run, task)
	case h.profile != "" && task.ProfileID != "" && string(task.ProfileID) != h.profile:
		return otherInputs
	}
	result := likenessOf(h.inputs, task.Inputs)
	if result == unclearInputs && len(h.inputs) == 0 && h.run.Kind == ledger.Workflow {
		return sameInputs // BrowserAct may have filled in all of them
	}
	return result
}

// likenessToHashes is likenessOf where only hashes of the inputs are known. They prove
// no difference.
func likenessToHashes(run ledger.Run, task browseract.TaskSummary) likeness {
	none := slices.Contains(run.InputShapes, noInputs())
	if slices.Contains(run.InputShapes, shapeOf(task.Inputs)) || (!none || run.Kind == ledger.Workflow) && includes(task.Inputs, run.InputShapes) {
		return sameInputs
	}
	return unclearInputs
}

// isForeign reports whether a task has inputs with names of which none was sent, and
// none of the values: then it is of another template or workflow.
func (h *hunt) isForeign(task browseract.TaskSummary) bool {
	names := toldNames(task.Inputs)
	if h.run.Kind != ledger.Template || !h.known || len(h.inputs) == 0 || len(names) == 0 {
		return false
	}
	for _, in := range h.inputs {
		if slices.ContainsFunc(names, func(name string) bool {
			return bareName(name) == "" || strings.Contains(bareName(name), bareName(in.Name))
		}) {
			return false
		}
		if slices.ContainsFunc(readInputs(task.Inputs), func(told browseract.Input) bool { return likenessOfValues(in.Value, told.Value) == sameInputs }) {
			return false
		}
	}
	return true
}

// remembers says that a task was a candidate before. It stays one until it makes no
// difference any more: a run that ended so long ago would be started again.
func (h *hunt) remembers(task browseract.TaskSummary) bool {
	return slices.Contains(h.run.Absence.Candidates, string(task.ID))
}

// possible reports whether a task may be the start's although no clock says so. One
// that has not ended yet may be; but a template's start has nothing in common with the
// tasks of other workflows whose inputs are not told.
func (h *hunt) possible(c candidate, clocks clocks) bool {
	related := c.inputs == sameInputs || h.run.Kind == ledger.Workflow
	return related && !c.task.Status.Ended() || clocks.mayBeWrong(c.task) && !h.isForeign(c.task)
}

// isOver reports whether all candidates ended so long ago that an identical start
// would be sent although one of them was the run. It goes by how long they took, which
// no clock changes; where that is not told, a run may have taken as long as one can.
func (h *hunt) isOver(found []candidate) bool {
	return !slices.ContainsFunc(found, func(c candidate) bool {
		took := tookOf(c.task)
		if took == 0 {
			took = ledger.MaxRun
		}
		return !c.task.Status.Ended() || h.t.sinceStart(h.run) < took+createdWithin+ledger.UnreportedFor
	})
}

// sinceStart is how long ago a start was made, by the clock that makes it the shorter
// time.
func (t *toolset) sinceStart(run ledger.Run) time.Duration {
	return max(0, min(time.Since(run.BegunAt), t.Client.Now().Sub(run.SentAt)))
}

// ids returns the ids of candidates.
func ids(found []candidate) []string {
	list := make([]string, len(found))
	for n, c := range found {
		list[n] = string(c.task.ID)
	}
	return list
}

// describe says how sure it is that the candidate is the start's task.
func (c candidate) describe(run ledger.Run) string {
	inputs := "its inputs cannot be compared"
	if c.inputs == sameInputs {
		inputs = "the same inputs"
	}
	when := "created at a time that BrowserAct does not tell"
	if created := c.task.CreatedAt.Time; !created.IsZero() {
		when = "created at " + schemas.Timestamp(created)
		if passed := created.Sub(run.SentAt); c.timely && passed.Abs() <= createdWithin+clockSlack {
			when = fmt.Sprintf("created %.0f s after the request was sent", max(0, passed.Seconds()))
		}
	}
	return inputs + ", " + when
}
