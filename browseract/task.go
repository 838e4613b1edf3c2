package browseract

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"
)

// A TaskStatus is where a task stands. Values that are not among the constants
// can arrive and are passed on as they are.
type TaskStatus string

// The statuses that the API documents.
const (
	TaskCreated  TaskStatus = "created"  // waits for its turn
	TaskRunning  TaskStatus = "running"  // a browser works on it
	TaskPausing  TaskStatus = "pausing"  // about to be paused
	TaskPaused   TaskStatus = "paused"   // waits for a person
	TaskFinished TaskStatus = "finished" // ended, with an output
	TaskFailed   TaskStatus = "failed"   // ended by an error, and billed
	TaskCanceled TaskStatus = "canceled" // ended by somebody
	TaskUnknown  TaskStatus = "unknown"
)

// Ended reports whether a task with this status will not change any more.
func (s TaskStatus) Ended() bool {
	return s == TaskFinished || s == TaskFailed || s == TaskCanceled
}

// A TaskSummary is what the API tells of a task in lists. Only Status tells
// whether the task has ended: FinishedAt may be set while it runs, and CreatedAt
// may be missing.
type TaskSummary struct {
	ID         ID          `json:"id"`
	WorkflowID ID          `json:"workflow_id"` // for runs of a template not the template's id
	Status     TaskStatus  `json:"status"`
	CreatedAt  Time        `json:"created_at"`
	FinishedAt Time        `json:"finished_at"`
	Credit     *flexInt    `json:"credit"`
	Failure    *Failure    `json:"task_failure_info"` // may be nil on a failed task
	Live       *liveView   `json:"live_url_info"`
	OldLiveURL string      `json:"live_url"`
	ProfileID  ID          `json:"profile_id"`
	Inputs     *TaskInputs `json:"input_parameters"`
}

func (t TaskSummary) present() bool { return t.ID != "" && t.Status != "" }

// Credits returns what the task has cost so far, and whether the API told.
func (t TaskSummary) Credits() (int64, bool) {
	if t.Credit == nil {
		return 0, false
	}
	return int64(*t.Credit), true
}

// LiveURL returns the address of the task's live view, empty where there is none.
// It can be there on a task that has ended. It gives whoever has it control of
// the browser: never log it.
func (t TaskSummary) LiveURL() string {
	if t.Live != nil && t.Live.URL != "" {
		return t.Live.URL
	}
	return t.OldLiveURL
}

type liveView struct {
	URL string `json:"live_url"`
}

// A Failure tells why a task failed.
type Failure struct {
	Code    int
	Message string
}

// UnmarshalJSON takes the code as a number or a string.
func (f *Failure) UnmarshalJSON(raw []byte) error {
	var wire struct {
		Code    flexInt `json:"code"`
		Message string  `json:"message"`
	}
	err := json.Unmarshal(raw, &wire)
	*f = Failure{int(wire.Code), wire.Message}
	return err
}

// A Task is a task with everything that the API tells of it.
type Task struct {
	TaskSummary
	Output         Output `json:"output"`
	Steps          []Step `json:"steps"`
	Files          []File `json:"download_files"`
	FilesExpiresAt Time   `json:"files_expires_at"`
	LogURL         string `json:"log_detail_url"`
}

// An Output is what a run produced: a text in a format of the workflow's choice,
// and the URLs of files. Both are empty while the task runs.
type Output struct {
	String string   `json:"string"`
	Files  []string `json:"files"`
}

// A Step is one step of a run.
type Step struct {
	ID            ID         `json:"id"`
	Number        flexInt    `json:"step"`
	Status        StepStatus `json:"status"`
	Goal          string     `json:"step_goal"`
	Evaluation    string     `json:"evaluation_previous_goal"`
	ScreenshotURL string     `json:"screenshots_url"`
}

// A StepStatus is where a step stands.
type StepStatus string

// The statuses of a step.
const (
	StepRunning   StepStatus = "running"
	StepSucceeded StepStatus = "succeed"
	StepFailed    StepStatus = "failed"
)

// A File is a file that a run produced. URL is pre-signed, and empty until the
// file is uploaded: never log it.
type File struct {
	GUID      string  `json:"guid"`
	Name      string  `json:"fileName"`
	Bytes     flexInt `json:"fileSize"`
	Status    string  `json:"status"`
	URL       string  `json:"downloadUrl"`
	ExpiresAt Time    `json:"expiresAt"`
	Error     string  `json:"errorMessage"`
}

type statusReply struct {
	Status TaskStatus `json:"status"`
}

func (s statusReply) present() bool { return s.Status != "" }

// TaskStatus returns where a task stands. (GET /v2/workflow/get-task-status)
func (c *Client) TaskStatus(ctx context.Context, id string) (TaskStatus, error) {
	s, err := get[statusReply](ctx, c, "get-task-status", taskQuery(id))
	return s.Status, err
}

// Task returns a task. (GET /v2/workflow/get-task)
func (c *Client) Task(ctx context.Context, id string) (Task, error) {
	return get[Task](ctx, c, "get-task", taskQuery(id))
}

// A TaskFilter says which tasks to list; zero members do not filter.
type TaskFilter struct {
	Status       TaskStatus
	WorkflowID   string
	WorkflowName string    // a part of the name, in any case
	From, To     time.Time // when the task was created, inclusive
}

// Tasks returns a page of the account's tasks, newest first. page counts from 1,
// limit is 1 to [MaxLimit]. The outputs that the API sends along are dropped.
// (GET /v2/workflow/list-tasks)
func (c *Client) Tasks(ctx context.Context, f TaskFilter, page, limit int) (Page[TaskSummary], error) {
	query := paging(page, limit)
	for name, value := range map[string]string{
		"status":          string(f.Status),
		"workflow_id":     f.WorkflowID,
		"workflow_name":   f.WorkflowName,
		"created_at_from": instant(f.From),
		"created_at_to":   instant(f.To),
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return get[Page[TaskSummary]](ctx, c, "list-tasks", query)
}

// StopTask stops a task for good. It reports ended where the task had ended
// before, which is not an error. (PUT /v2/workflow/stop-task)
func (c *Client) StopTask(ctx context.Context, id string) (ended bool, err error) {
	_, err = retry(ctx, func() (struct{}, error) { return struct{}{}, c.put(ctx, "stop-task", id) }, worthRepeating)
	if errors.Is(err, &Error{Code: CodeTaskEnded}) {
		return true, nil
	}
	return false, err
}

// ResumeTask lets a paused task go on, or fails with a [*NotPausedError]. Every
// try reads the status first: a second resume could skip the next human step.
// (PUT /v2/workflow/resume-task)
func (c *Client) ResumeTask(ctx context.Context, id string) error {
	tried := false
	_, err := retry(ctx, func() (struct{}, error) {
		status, err := c.TaskStatus(ctx, id)
		switch {
		case err != nil:
			return struct{}{}, err
		case status == TaskPaused:
			tried = true
			return struct{}{}, c.put(ctx, "resume-task", id)
		case tried:
			return struct{}{}, nil // an earlier try got through, only its answer did not
		}
		return struct{}{}, &NotPausedError{status}
	}, func(err error) bool {
		var notPaused *NotPausedError
		return !errors.As(err, &notPaused) && worthRepeating(err)
	})
	return err
}

func taskQuery(id string) url.Values { return url.Values{"task_id": {id}} }

// instant writes t as the API reads it, nothing for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z")
}
