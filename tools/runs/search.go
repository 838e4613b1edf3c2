package runs

import (
	"context"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A finder searches for the task of one start.
type finder struct {
	e       *Engine
	run     ledger.Run
	request Request
	known   bool // request is what was sent; else only hashes of its inputs are known
	once    bool // one list is enough
	unread  bool // no list could be read
	partial bool // the last list was not complete
}

// finderFor searches for the task of a run that was started as r.
func (e *Engine) finderFor(run ledger.Run, r Request) *finder {
	return &finder{e: e, run: run, request: r, known: true}
}

// find lists until a task is certain, absence is proven, or ctx ends, and returns what
// the last list showed. It fails if no list could be read.
func (f *finder) find(ctx context.Context) (found []candidate, err error) {
	f.unread = true
	for pause := searchInterval; ; pause *= 2 {
		listed, complete, listErr := f.list(ctx)
		switch _, certain := onlyCertain(listed); {
		case listErr != nil:
			err = listErr
		case certain:
			return listed, nil
		default:
			f.unread, f.partial, err = false, !complete, nil
			found = f.record(ctx, listed, complete)
		}
		if f.once || !f.unread && len(found) == 0 && f.run.Absence.Proven() {
			return found, err
		}
		select {
		case <-ctx.Done():
			if f.unread {
				return nil, err
			}
			return found, nil
		case <-time.After(pause):
		}
	}
}

// record records a list, and returns the candidates that still matter.
func (f *finder) record(ctx context.Context, found []candidate, complete bool) []candidate {
	if f.isRepeatable() && f.longEnded(found) {
		found = nil
	}
	if !f.known && len(found) > 0 || !complete && len(found) == 0 {
		return found
	}
	tasks := make([]browseract.TaskSummary, len(found))
	for n, c := range found {
		tasks[n] = c.task
	}
	run, err := f.e.ledger.RecordSearch(context.WithoutCancel(ctx), f.run.ID, ledger.Search{APIAt: f.e.Client.Now(), Candidates: ids(tasks)})
	if err == nil {
		f.run = run
	}
	return found // a list that could not be recorded only has to be read again
}

// isRepeatable reports whether the same start may be sent again when its run has long
// ended: not the row of a batch, nor one with an idempotency key.
func (f *finder) isRepeatable() bool {
	return f.known && f.request.BatchID == "" && f.request.IdempotencyKey == ""
}

// list lists the account's tasks once. Without candidates it proves nothing unless it is
// complete.
func (f *finder) list(ctx context.Context) (found []candidate, complete bool, err error) {
	tasks, complete, err := f.e.account.recent(ctx, f.run.Kind, f.run.TargetID)
	if err != nil {
		return nil, false, err
	}
	tasks, err = f.withEarlier(ctx, tasks)
	if err != nil {
		return nil, false, err
	}
	unknown, clocks := f.withoutKnown(ctx, tasks)
	for _, task := range unknown {
		if task.Status.Ended() && !clocks.isTimely(task) && !clocks.mayBeWrong(task) && !f.foundBefore(task) {
			continue // before its inputs are read, which may be long
		}
		c := candidate{task: task, inputs: f.match(task), timely: clocks.isTimely(task)}
		if c.inputs != otherInputs && (c.timely || f.isPossible(c, clocks) || f.foundBefore(task)) {
			found = append(found, c)
		}
	}
	return found, complete, nil
}

// withEarlier adds the tasks that were candidates before and that the list does not show
// any more: a list may be older than the one before it.
func (f *finder) withEarlier(ctx context.Context, tasks []browseract.TaskSummary) ([]browseract.TaskSummary, error) {
	for _, id := range f.run.Absence.Candidates {
		if slices.ContainsFunc(tasks, func(task browseract.TaskSummary) bool { return string(task.ID) == id }) {
			continue
		}
		task, err := f.e.Client.Task(ctx, id)
		switch {
		case err == nil:
			tasks = append(tasks, task.TaskSummary)
		case !isNoSuchTask(err):
			return nil, err
		}
	}
	return tasks, nil
}

// withoutKnown returns the tasks that the ledger does not know as another start's, and
// what the known ones show of the clocks.
func (f *finder) withoutKnown(ctx context.Context, tasks []browseract.TaskSummary) (unknown []browseract.TaskSummary, clocks clocks) {
	ahead, _ := f.e.Client.ClockOffset()
	clocks.sent = []time.Time{f.run.BegunAt, f.run.SentAt, f.run.BegunAt.Add(ahead)}
	clocks.now = []time.Time{time.Now(), f.e.Client.Now()}
	for _, task := range tasks {
		other, known := f.otherStart(ctx, task)
		switch {
		case !known && f.isOfOtherWorkflow(task):
		case !known:
			unknown = append(unknown, task)
		case !task.CreatedAt.IsZero() && !other.Matched:
			clocks.sent, clocks.tested = append(clocks.sent, f.run.BegunAt.Add(task.CreatedAt.Sub(other.BegunAt))), true
		}
	}
	return unknown, clocks
}

// isOfOtherWorkflow reports whether a task is of another workflow, although it was
// listed.
func (f *finder) isOfOtherWorkflow(task browseract.TaskSummary) bool {
	return f.run.Kind == Workflow && task.WorkflowID != "" && string(task.WorkflowID) != f.run.TargetID
}

// otherStart returns the start that the ledger knows a task of, unless it is the one
// that is searched for.
func (f *finder) otherStart(ctx context.Context, task browseract.TaskSummary) (other ledger.Run, known bool) {
	other, known, err := f.e.ledger.Run(ctx, f.run.Caller, string(task.ID))
	return other, err == nil && known && other.ID != f.run.ID
}
