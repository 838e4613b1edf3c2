package tools

import (
	"context"
	"errors"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// listMine lists the runs that the caller started through this server, also those
// whose start a crash or an unclear answer left open: these are looked for first.
func (t *toolset) listMine(ctx context.Context, in listTasksInput) (schemas.TaskList, error) {
	if t.Ledger == nil {
		return schemas.TaskList{}, &problem.Error{Code: "no_ledger", Message: "This server keeps no ledger, so it does not know which runs are its own. Leave out mine."}
	}
	if in.WorkflowName != "" {
		return schemas.TaskList{}, &problem.Error{Code: problem.CodeInvalidArguments, Message: "mine cannot be combined with workflow_name. Use workflow_id."}
	}
	if err := t.settleLeftOpen(ctx); err != nil {
		return schemas.TaskList{}, err
	}
	page, err := t.Ledger.List(ctx, t.Caller(ctx), ledger.Filter{
		Status:   in.Status,
		TargetID: string(in.WorkflowID),
		From:     in.CreatedFrom.First(),
		To:       in.CreatedTo.Last(),
	}, in.Page, in.Limit)
	if err != nil {
		return schemas.TaskList{}, noLedgerNow(err)
	}
	result := schemas.TaskList{Tasks: []schemas.ListedTask{}, Paging: pagingOf(in.pageInput, page.Total)}
	if page.Degraded != nil {
		result.Warnings = []string{ledgerWarning(page.Degraded)}
	}
	live := t.lookUp(ctx, page.Runs)
	for _, run := range page.Runs {
		result.Tasks = append(result.Tasks, t.mineOf(run, live))
	}
	return result, nil
}

// settleLeftOpen looks for the tasks of starts that nobody is at any more.
func (t *toolset) settleLeftOpen(ctx context.Context) error {
	open, err := t.Ledger.Unsettled(ctx, t.Caller(ctx))
	if err != nil {
		return noLedgerNow(err)
	}
	search, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	for _, run := range open {
		var unclear *unclearStart
		if err := t.settleLeft(search, &hunt{t: t, run: run, once: true}, start{}); err != nil && !errors.As(err, &unclear) {
			return err
		}
	}
	return nil
}

// settleLeft settles the start that h looks for, unless another call is at it.
func (t *toolset) settleLeft(search context.Context, h *hunt, s start) error {
	adopted, mine, err := t.starts.Adopt(search, h.run.ID)
	if err != nil || !mine {
		return nil // the next call sees what came of it
	}
	h.run = adopted
	if err := t.settleOpen(search, h, s); !errors.Is(err, ledger.ErrUnavailable) {
		return err
	}
	return nil // it is remembered, and written later
}

// noLedgerNow refuses what cannot be done without the ledger.
func noLedgerNow(err error) error {
	return &problem.Error{Code: problem.CodeLedgerUnavailable, Message: ledgerWarning(err)}
}

// lookUp reads what the account says of runs that may be under way. What cannot be
// read is told as it was last seen.
func (t *toolset) lookUp(ctx context.Context, runs []ledger.Run) map[string]browseract.TaskSummary {
	var oldest time.Time
	for _, run := range runs {
		if !run.Ended() && (oldest.IsZero() || run.SentAt.Before(oldest)) {
			oldest = run.SentAt
		}
	}
	live := map[string]browseract.TaskSummary{}
	if oldest.IsZero() {
		return live
	}
	page, err := t.Client.Tasks(ctx, browseract.TaskFilter{From: oldest.Add(-wideSlack)}, 1, browseract.MaxLimit)
	if err != nil {
		return live
	}
	for _, task := range page.Items {
		live[string(task.ID)] = task
		t.observe(ctx, &sighting{task: browseract.Task{TaskSummary: task}}, false)
	}
	return live
}

// mineOf describes a run of the ledger, fresh where the account told of it.
func (t *toolset) mineOf(run ledger.Run, live map[string]browseract.TaskSummary) schemas.ListedTask {
	var listed schemas.ListedTask
	if task, fresh := live[run.TaskID]; fresh {
		listed = t.listedTask(task)
	} else {
		listed = schemas.ListedTask{
			TaskID:     run.TaskID,
			Status:     sanitize.OneLine(run.Status, maxName),
			CreatedAt:  schemas.Timestamp(run.SentAt),
			FinishedAt: schemas.Timestamp(run.EndedAt),
			Credits:    run.Credits,
		}
	}
	listed.WorkflowID, listed.TemplateID = run.TargetID, ""
	if run.Kind == ledger.Template {
		listed.WorkflowID, listed.TemplateID = "", run.TargetID
	}
	if run.TaskID == "" {
		listed.Status = "may_have_started"
	}
	return listed
}
