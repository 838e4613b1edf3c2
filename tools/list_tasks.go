package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

type listTasksInput struct {
	Status       string       `json:"status,omitempty" jsonschema:"enum=created,enum=running,enum=pausing,enum=paused,enum=finished,enum=failed,enum=canceled"`
	WorkflowID   schemas.ID   `json:"workflow_id,omitempty"`
	WorkflowName string       `json:"workflow_name,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Part of the name"`
	CreatedFrom  schemas.Time `json:"created_from,omitzero" jsonschema_description:"ISO 8601, UTC"`
	CreatedTo    schemas.Time `json:"created_to,omitzero"`
	Mine         bool         `json:"mine,omitempty" jsonschema_description:"Only runs started through this server"`
	pageInput
}

func listTasks(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "list_tasks",
		title:       "List tasks",
		description: "List the account's tasks, newest first, without their outputs. Look here before running something again.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, t.listTasks)
}

func (t *tools) listTasks(ctx context.Context, in listTasksInput) (schemas.TaskList, error) {
	if in.Mine {
		return t.listOwnTasks(ctx, in)
	}
	page, err := t.Client.Tasks(ctx, browseract.TaskFilter{
		Status:       browseract.TaskStatus(in.Status),
		WorkflowID:   string(in.WorkflowID),
		WorkflowName: in.WorkflowName,
		From:         in.CreatedFrom.First(),
		To:           in.CreatedTo.Last(),
	}, in.Page, in.Limit)
	if err != nil {
		return schemas.TaskList{}, err
	}
	result := schemas.TaskList{Tasks: []schemas.ListedTask{}, Paging: pagingOf(in.pageInput, page.TotalCount)}
	for _, task := range page.Items {
		result.Tasks = append(result.Tasks, t.present.Listed(task))
	}
	return result, nil
}

// listOwnTasks lists the runs that the caller started through this server.
func (t *tools) listOwnTasks(ctx context.Context, in listTasksInput) (schemas.TaskList, error) {
	if in.WorkflowName != "" {
		return schemas.TaskList{}, &problem.Error{Code: problem.CodeInvalidArguments, Message: "mine cannot be combined with workflow_name. Use workflow_id."}
	}
	own, err := t.runs.ListOwn(ctx, runs.Filter{
		Status:   in.Status,
		TargetID: string(in.WorkflowID),
		From:     in.CreatedFrom.First(),
		To:       in.CreatedTo.Last(),
	}, in.Page, in.Limit)
	if err != nil {
		return schemas.TaskList{}, err
	}
	result := schemas.TaskList{Tasks: []schemas.ListedTask{}, Paging: pagingOf(in.pageInput, own.Total)}
	if own.Warning != "" {
		result.Warnings = []string{own.Warning}
	}
	for _, run := range own.Runs {
		result.Tasks = append(result.Tasks, t.present.OwnRun(run))
	}
	return result, nil
}
