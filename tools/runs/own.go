package runs

import (
	"context"
	"errors"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A Filter says which of the caller's own runs to list. Zero fields match all.
type Filter = ledger.Filter

// An OwnRun is a run that the caller started through this server.
type OwnRun struct {
	ledger.Run
	// Task is the run's task as the account shows it now; nil: it was not read.
	Task *browseract.TaskSummary
}

// Own are the caller's own runs, newest first.
type Own struct {
	Runs  []OwnRun // of the page
	Total int      // on all pages
	// Warning says that the ledger cannot be used; "" where it can.
	Warning string
}

// ListOwn lists the runs that the caller started through this server, also those whose
// start a crash or an unclear answer left open: these are searched for first. page counts
// from 1. The errors are [*problem.Error].
func (e *Engine) ListOwn(ctx context.Context, f Filter, page, limit int) (own Own, err error) {
	if !e.HasLedger() {
		return own, &problem.Error{Code: "no_ledger", Message: "This server keeps no ledger, so it does not know which runs are its own. Leave out mine."}
	}
	if err := e.settleOpenStarts(ctx); err != nil {
		return own, err
	}
	listed, err := e.ledger.List(ctx, e.Caller(ctx), f, page, limit)
	if err != nil {
		return own, Unavailable(err)
	}
	own.Total = listed.Total
	if listed.Degraded != nil {
		own.Warning = degradedWarning(listed.Degraded)
	}
	current := e.currentTasks(ctx, listed.Runs)
	for _, run := range listed.Runs {
		own.Runs = append(own.Runs, OwnRun{Run: run, Task: current[run.TaskID]})
	}
	return own, nil
}

// settleOpenStarts searches for the tasks of starts that no call is working on any more.
func (e *Engine) settleOpenStarts(ctx context.Context) error {
	open, err := e.ledger.Unsettled(ctx, e.Caller(ctx))
	if err != nil {
		return Unavailable(err)
	}
	searching, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	for _, run := range open {
		f := &finder{e: e, run: run, once: true}
		err := f.settleUnlessHeld(searching)
		if _, ambiguous := errors.AsType[*AmbiguousStartError](err); err != nil && !ambiguous {
			return err
		}
	}
	return nil
}

// currentTasks reads what the account shows of runs that may be under way, by task id.
// What cannot be read stays as it was last seen.
func (e *Engine) currentTasks(ctx context.Context, runs []ledger.Run) map[string]*browseract.TaskSummary {
	var oldest time.Time
	for _, run := range runs {
		if !run.Ended() && (oldest.IsZero() || run.SentAt.Before(oldest)) {
			oldest = run.SentAt
		}
	}
	if oldest.IsZero() {
		return nil
	}
	page, err := e.Client.Tasks(ctx, browseract.TaskFilter{From: oldest.Add(-maxClockError)}, 1, browseract.MaxLimit)
	if err != nil {
		return nil
	}
	current := map[string]*browseract.TaskSummary{}
	for i := range page.Items {
		current[string(page.Items[i].ID)] = &page.Items[i]
		_ = e.Observe(ctx, page.Items[i])
	}
	return current
}
