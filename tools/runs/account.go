package runs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

const (
	// listedFor is how far back tasks are listed: as long as a run lasts, by clocks that
	// may be a time zone apart.
	listedFor = ledger.MaxRun + maxZone + time.Hour
	// taskPageSize is how many tasks a page has; maxTaskPages bounds one search. In an
	// account with more runs a day a run may have to be searched for by hand.
	taskPageSize = 100
	maxTaskPages = 20
	// activePageSize is how many tasks under way a page has: as many as the largest plan
	// runs at a time.
	activePageSize = 20
)

// An account lists the tasks of an account at BrowserAct.
type account struct{ client *browseract.Client }

// recent lists the tasks of the last day, newest first: those of a workflow, or all of
// them for a template, whose tasks are listed under a workflow of their own.
func (a account) recent(ctx context.Context, kind Kind, target string) (tasks []browseract.TaskSummary, complete bool, err error) {
	filter := a.filter(kind, target)
	for limit := taskPageSize; ; limit /= 5 {
		tasks, complete, err = a.list(ctx, filter, limit, maxTaskPages)
		if limit < 5 || !errors.Is(err, browseract.ErrReplyTooLarge) {
			return tasks, complete, err
		}
	}
}

// active lists the tasks that have not ended. One page usually shows them all; else each
// status is asked for.
func (a account) active(ctx context.Context, kind Kind, target string) ([]browseract.TaskSummary, error) {
	filter := a.filter(kind, target)
	tasks, complete, err := a.list(ctx, filter, taskPageSize, 1)
	if err != nil && !errors.Is(err, browseract.ErrReplyTooLarge) {
		return nil, err
	}
	for _, status := range []browseract.TaskStatus{browseract.TaskRunning, browseract.TaskCreated, browseract.TaskPaused, browseract.TaskPausing} {
		if complete {
			break
		}
		filter.Status = status
		more, _, err := a.list(ctx, filter, activePageSize, maxTaskPages)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, more...)
	}
	return slices.DeleteFunc(tasks, func(task browseract.TaskSummary) bool { return task.Status.Ended() }), nil
}

// running returns the ids of up to limit tasks that run now; nil if they cannot be read.
func (a account) running(ctx context.Context, limit int) []string {
	page, err := a.client.Tasks(ctx, browseract.TaskFilter{Status: browseract.TaskRunning}, 1, limit)
	if err != nil {
		return nil
	}
	return ids(page.Items)
}

// filter matches the tasks that may be under way, or ended a short time ago.
func (a account) filter(kind Kind, target string) browseract.TaskFilter {
	filter := browseract.TaskFilter{From: earlier(time.Now(), a.client.Now()).Add(-listedFor)}
	if kind == Workflow {
		filter.WorkflowID = target
	}
	return filter
}

// list lists tasks page by page, each once. Without a count of the pages it reads on
// until one shows nothing new.
func (a account) list(ctx context.Context, filter browseract.TaskFilter, limit, pages int) (tasks []browseract.TaskSummary, complete bool, err error) {
	seen := map[browseract.ID]bool{}
	for number := 1; number <= pages; number++ {
		page, err := a.client.Tasks(ctx, filter, number, limit)
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

func ids(tasks []browseract.TaskSummary) []string {
	list := make([]string, len(tasks))
	for n, task := range tasks {
		list[n] = string(task.ID)
	}
	return list
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
