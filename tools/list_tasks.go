package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/sanitize"
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

func listTasks(t *toolset) server.ServerTool {
	return define(t, spec{
		name:        "list_tasks",
		title:       "List tasks",
		description: "List the account's tasks, newest first, without their outputs. Look here before running something again.",
		effects:     effects{readOnly: true, destructive: false, idempotent: true, openWorld: false},
	}, func(ctx context.Context, in listTasksInput) (schemas.TaskList, error) {
		if in.Mine {
			return t.listMine(ctx, in)
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
			result.Tasks = append(result.Tasks, t.listedTask(task))
		}
		return result, nil
	})
}

const maxInputText = 200 // characters

func (t *toolset) listedTask(task browseract.TaskSummary) schemas.ListedTask {
	listed := schemas.ListedTask{
		TaskID:     string(task.ID),
		WorkflowID: string(task.WorkflowID),
		Status:     sanitize.OneLine(string(task.Status), maxName),
		CreatedAt:  schemas.Timestamp(task.CreatedAt.Time),
		Inputs:     sanitize.OneLine(t.exposed.mask(inputText(task.Inputs)), maxInputText),
	}
	if task.Status.Ended() {
		listed.FinishedAt = schemas.Timestamp(task.FinishedAt.Time)
	}
	if credits, told := task.Credits(); told {
		listed.Credits = &credits
	}
	if task.Failure != nil && task.Status == browseract.TaskFailed {
		listed.Failure = &schemas.Failure{Code: task.Failure.Code, Message: sanitize.OneLine(task.Failure.Message, maxStepText)}
	}
	return listed
}

// inputText shows a task's inputs as the API's own text does.
func inputText(in *browseract.TaskInputs) string {
	if in == nil {
		return ""
	}
	shown := in.Text
	for i, input := range in.List {
		if i > 0 {
			shown += ";"
		}
		shown += input.Name + "=" + input.Value
	}
	return shown
}
