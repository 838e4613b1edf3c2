package runs

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

// listedFor is how far back tasks are listed: as long as a run lasts, by clocks that may
// be a time zone apart.
const listedFor = ledger.MaxRun + maxZone + time.Hour

// A candidate is a task that may be the one of a start without a clear answer.
type candidate struct {
	task   browseract.TaskSummary
	inputs inputMatch // not otherInputs
	timely bool       // by one of the clocks it was created when the start was sent
}

// certain says that nothing speaks against the candidate.
func (c candidate) certain() bool { return c.inputs == sameInputs && c.timely }

// onlyCertain returns the candidate that is the start's task, if exactly one can be.
func onlyCertain(found []candidate) (match candidate, ok bool) {
	n := 0
	for _, c := range found {
		if c.certain() {
			match = c
			n++
		}
	}
	return match, n == 1
}

// describe says how sure it is that the candidate is the start's task.
func (c candidate) describe(run ledger.Run) string {
	inputs := "its inputs cannot be compared"
	if c.inputs == sameInputs {
		inputs = "the same inputs"
	}
	when := "created at a time that BrowserAct does not show"
	if created := c.task.CreatedAt.Time; !created.IsZero() {
		when = "created at " + schemas.Timestamp(created)
		if passed := created.Sub(run.SentAt); c.timely && passed.Abs() <= maxCreateDelay+clockTolerance {
			when = fmt.Sprintf("created %.0f s after the request was sent", max(0, passed.Seconds()))
		}
	}
	return inputs + ", " + when
}

// A finder looks for the task of one start.
type finder struct {
	e       *Engine
	run     ledger.Run
	request Request
	inputs  []browseract.Input
	known   bool // inputs are those that were sent; else only their hashes are known
	// repeatable says that the same start may be sent again when its run has long ended:
	// not the row of a batch, nor one with an idempotency key.
	repeatable bool
	once       bool // one list is enough
	unread     bool // no list could be read
	partial    bool // the last list was not complete
}

// finderFor looks for the task of a run that was started as r.
func (e *Engine) finderFor(run ledger.Run, r Request) *finder {
	return &finder{
		e: e, run: run, request: r, inputs: r.Inputs, known: true,
		repeatable: r.BatchID == "" && r.IdempotencyKey == "",
	}
}

// ambiguous is the result of a search that found nothing for sure.
func (f *finder) ambiguous(err *browseract.StartUnknownError, found []candidate) error {
	return &AmbiguousStartError{
		StartUnknownError: err, run: f.run, candidates: found, request: f.request,
		unread: f.unread, partial: f.partial, nextOwn: f.e.nextOwn("to see whether the run was found"),
	}
}

// find lists until a task is certain, absence is proven, or ctx ends, and returns what
// the last list showed. It fails if no list could be read.
func (f *finder) find(ctx context.Context) (found []candidate, err error) {
	f.unread = true
	for pause := searchInterval; ; pause *= 2 {
		seen, complete, listErr := f.list(ctx)
		switch _, certain := onlyCertain(seen); {
		case listErr != nil:
			err = listErr
		case certain:
			return seen, nil
		default:
			f.unread, f.partial, err = false, !complete, nil
			found = f.record(ctx, seen, complete)
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
	if f.repeatable && f.longOver(found) {
		found = nil
	}
	if !f.known && len(found) > 0 || !complete && len(found) == 0 {
		return found
	}
	run, err := f.e.ledger.RecordSearch(context.WithoutCancel(ctx), f.run.ID, ledger.Search{APIAt: f.e.Client.Now(), Candidates: ids(found)})
	if err == nil {
		f.run = run
	}
	return found // a list that could not be recorded only has to be read again
}

// list lists the account's tasks once. Without candidates it proves nothing unless it is
// complete.
func (f *finder) list(ctx context.Context) (found []candidate, complete bool, err error) {
	tasks, complete, err := f.e.recentTasks(ctx, f.run.Kind, f.run.TargetID)
	if err != nil {
		return nil, false, err
	}
	tasks, err = f.withEarlier(ctx, tasks)
	if err != nil {
		return nil, false, err
	}
	unknown, clocks := f.withoutKnown(ctx, tasks)
	for _, task := range unknown {
		if task.Status.Ended() && !clocks.timely(task) && !clocks.mayBeWrong(task) && !f.foundBefore(task) {
			continue // before its inputs are read, which may be long
		}
		c := candidate{task: task, inputs: f.match(task), timely: clocks.timely(task)}
		if c.inputs != otherInputs && (c.timely || f.isPossible(c, clocks) || f.foundBefore(task)) {
			found = append(found, c)
		}
	}
	return found, complete, nil
}

// recentTasks lists the tasks of the last day, newest first: those of a workflow, or all
// of them for a template, whose tasks are listed under a workflow of their own.
func (e *Engine) recentTasks(ctx context.Context, kind Kind, target string) (tasks []browseract.TaskSummary, complete bool, err error) {
	filter := e.recent(kind, target)
	for limit := taskPageSize; ; limit /= 5 {
		tasks, complete, err = e.listTasks(ctx, filter, limit, maxTaskPages)
		if limit < 5 || !errors.Is(err, browseract.ErrReplyTooLarge) {
			return tasks, complete, err
		}
	}
}

// recent asks for the tasks that may still be under way, or may have been a moment ago.
func (e *Engine) recent(kind Kind, target string) browseract.TaskFilter {
	filter := browseract.TaskFilter{From: earlier(time.Now(), e.Client.Now()).Add(-listedFor)}
	if kind == Workflow {
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
	// maxTaskPages bounds one search. An account with more runs a day than that may have
	// to be searched by hand.
	maxTaskPages = 20
)

// listTasks lists tasks page by page. Without a count of the pages it reads on until one
// shows nothing new.
func (e *Engine) listTasks(ctx context.Context, filter browseract.TaskFilter, limit, pages int) (tasks []browseract.TaskSummary, complete bool, err error) {
	seen := map[browseract.ID]bool{}
	for number := 1; number <= pages; number++ {
		page, err := e.Client.Tasks(ctx, filter, number, limit)
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
		case !errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask}):
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
		case !known && f.ofOtherWorkflow(task):
		case !known:
			unknown = append(unknown, task)
		case !task.CreatedAt.IsZero() && !other.Matched:
			clocks.sent, clocks.tested = append(clocks.sent, f.run.BegunAt.Add(task.CreatedAt.Sub(other.BegunAt))), true
		}
	}
	return unknown, clocks
}

// ofOtherWorkflow reports whether a task is of another workflow, although it was listed.
func (f *finder) ofOtherWorkflow(task browseract.TaskSummary) bool {
	return f.run.Kind == Workflow && task.WorkflowID != "" && string(task.WorkflowID) != f.run.TargetID
}

// otherStart returns the start that the ledger knows a task of, unless it is the one
// that is looked for.
func (f *finder) otherStart(ctx context.Context, task browseract.TaskSummary) (other ledger.Run, known bool) {
	other, known, err := f.e.ledger.Run(ctx, f.run.Caller, string(task.ID))
	return other, err == nil && known && other.ID != f.run.ID
}

func (f *finder) match(task browseract.TaskSummary) inputMatch {
	profile := f.request.ProfileID
	switch {
	case !f.known:
		return matchHashes(f.run, task)
	case profile != "" && task.ProfileID != "" && string(task.ProfileID) != profile:
		return otherInputs
	}
	result := matchInputs(f.inputs, task.Inputs)
	if result == unclearInputs && len(f.inputs) == 0 && f.run.Kind == Workflow {
		return sameInputs // BrowserAct may have filled in all of them
	}
	return result
}

// matchHashes is matchInputs where only hashes of the inputs are known. They prove no
// difference.
func matchHashes(run ledger.Run, task browseract.TaskSummary) inputMatch {
	none := slices.Contains(run.InputShapes, noInputs())
	if slices.Contains(run.InputShapes, shapeOf(task.Inputs)) || (!none || run.Kind == Workflow) && includes(task.Inputs, run.InputShapes) {
		return sameInputs
	}
	return unclearInputs
}

// hasForeignInputs reports whether a task has inputs with names of which none was sent,
// and none of the values: then it is of another template or workflow.
func (f *finder) hasForeignInputs(task browseract.TaskSummary) bool {
	names := inputNames(task.Inputs)
	if f.run.Kind != Template || !f.known || len(f.inputs) == 0 || len(names) == 0 {
		return false
	}
	for _, in := range f.inputs {
		if slices.ContainsFunc(names, func(name string) bool {
			return bareName(name) == "" || strings.Contains(bareName(name), bareName(in.Name))
		}) {
			return false
		}
		if slices.ContainsFunc(readInputs(task.Inputs), func(shown browseract.Input) bool { return matchValues(in.Value, shown.Value) == sameInputs }) {
			return false
		}
	}
	return true
}

// foundBefore reports whether a task was a candidate before. It stays one until it makes
// no difference any more: a run that ended so long ago would be started again.
func (f *finder) foundBefore(task browseract.TaskSummary) bool {
	return slices.Contains(f.run.Absence.Candidates, string(task.ID))
}

// isPossible reports whether a task may be the start's although no clock says so. One
// that has not ended yet may be; but a template's start has nothing in common with the
// tasks of other workflows whose inputs are not shown.
func (f *finder) isPossible(c candidate, clocks clocks) bool {
	related := c.inputs == sameInputs || f.run.Kind == Workflow
	return related && !c.task.Status.Ended() || clocks.mayBeWrong(c.task) && !f.hasForeignInputs(c.task)
}

// longOver reports whether all candidates ended so long ago that an identical start
// would be sent although one of them was the run. It goes by how long they took, which
// no clock changes; where that is not known, a run may have taken as long as one can.
func (f *finder) longOver(found []candidate) bool {
	return !slices.ContainsFunc(found, func(c candidate) bool {
		took := durationOf(c.task)
		if took == 0 {
			took = ledger.MaxRun
		}
		return !c.task.Status.Ended() || f.e.sinceStart(f.run) < took+maxCreateDelay+ledger.UnreportedFor
	})
}

// ids returns the ids of candidates.
func ids(found []candidate) []string {
	list := make([]string, len(found))
	for n, c := range found {
		list[n] = string(c.task.ID)
	}
	return list
}
