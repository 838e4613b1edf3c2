package present

import (
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// StatusMayHaveStarted is the status of a run whose start got no clear answer.
const StatusMayHaveStarted = "may_have_started"

const maxInputText = 200 // characters

// Listed shows a task of the account in a list.
func (p *Presenter) Listed(task browseract.TaskSummary) schemas.ListedTask {
	listed := schemas.ListedTask{
		TaskID:     string(task.ID),
		WorkflowID: string(task.WorkflowID),
		Status:     sanitize.OneLine(string(task.Status), runs.MaxName),
		CreatedAt:  schemas.Timestamp(task.CreatedAt.Time),
		Inputs:     sanitize.OneLine(p.mask(inputText(task.Inputs)), maxInputText),
	}
	if task.Status.Ended() {
		listed.FinishedAt = schemas.Timestamp(task.FinishedAt.Time)
	}
	if credits, known := task.Credits(); known {
		listed.Credits = &credits
	}
	if task.Failure != nil && task.Status == browseract.TaskFailed {
		listed.Failure = &schemas.Failure{Code: task.Failure.Code, Message: sanitize.OneLine(task.Failure.Message, maxStepText)}
	}
	return listed
}

// OwnRun shows a run of the caller in a list, as the account shows it, else as it was last
// seen.
func (p *Presenter) OwnRun(run runs.OwnRun) schemas.ListedTask {
	listed := schemas.ListedTask{
		TaskID:     run.TaskID,
		Status:     sanitize.OneLine(run.Status, runs.MaxName),
		CreatedAt:  schemas.Timestamp(run.SentAt),
		FinishedAt: schemas.Timestamp(run.EndedAt),
		Credits:    run.Credits,
	}
	if run.Task != nil {
		listed = p.Listed(*run.Task)
	}
	listed.WorkflowID, listed.TemplateID = run.TargetID, ""
	if run.Kind == runs.Template {
		listed.WorkflowID, listed.TemplateID = "", run.TargetID
	}
	if run.TaskID == "" {
		listed.Status = StatusMayHaveStarted
	}
	return listed
}

// inputText shows a task's inputs as the API's own text does.
func inputText(in *browseract.TaskInputs) string {
	if in == nil {
		return ""
	}
	var pairs []string
	for _, input := range in.List {
		pairs = append(pairs, input.Name+"="+input.Value)
	}
	return in.Text + strings.Join(pairs, ";")
}
