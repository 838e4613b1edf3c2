package schemas

import "slices"

// A Workflow is an automation that the user built. Only get_workflow sets Inputs and
// Published.
type Workflow struct {
	WorkflowID  string      `json:"workflow_id"`
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Published   bool        `json:"published"`
	Inputs      []Parameter `json:"inputs,omitempty"`
	// Typical is the usual duration and cost of a run in words; empty: unknown.
	Typical  string   `json:"typical,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// A Template is an automation that BrowserAct provides.
type Template struct {
	TemplateID  string      `json:"template_id"`
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	DetailURL   string      `json:"detail_url,omitempty"`
	Inputs      []Parameter `json:"inputs,omitempty"`
	Typical     string      `json:"typical,omitempty"`
}

// A Parameter is one input of a workflow or template. All values are strings.
type Parameter struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
}

// A Region is a place where a template's browser can run.
type Region struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// A Paging is the position of a page in a list. NextPage is 0 on the last page.
type Paging struct {
	Page       int `json:"page"`
	TotalCount int `json:"total_count"`
	NextPage   int `json:"next_page,omitempty"`
}

// A ListedTask is a task in a list: enough to pick one for get_task.
type ListedTask struct {
	TaskID     string   `json:"task_id"`
	WorkflowID string   `json:"workflow_id,omitempty"`
	TemplateID string   `json:"template_id,omitempty"` // of runs of this server only
	Status     string   `json:"status"`
	CreatedAt  string   `json:"created_at,omitempty"`
	FinishedAt string   `json:"finished_at,omitempty"`
	Credits    *int64   `json:"credits,omitempty"`
	Inputs     string   `json:"inputs,omitempty"`
	Failure    *Failure `json:"failure,omitempty"`
}

// A TaskList is one page of tasks: the result of list_tasks.
type TaskList struct {
	Tasks []ListedTask `json:"tasks"`
	Paging
	Warnings []string `json:"warnings,omitempty"`
}

// Untrusted returns the members whose text may come from a web page.
func (l *TaskList) Untrusted() []string {
	if slices.ContainsFunc(l.Tasks, func(task ListedTask) bool { return task.Failure != nil }) {
		return []string{"tasks.failure.message"}
	}
	return nil
}
