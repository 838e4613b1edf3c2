package browseract

import (
	"cmp"
	"strings"
)

// A TaskStatus is the status of a task. Values other than the constants can arrive
// and are passed on.
type TaskStatus string

// UnmarshalJSON accepts a status in any case.
func (s *TaskStatus) UnmarshalJSON(raw []byte) error {
	*s = TaskStatus(strings.ToLower(bareText(raw)))
	return nil
}

// The statuses that the API documents.
const (
	TaskCreated  TaskStatus = "created"  // queued
	TaskRunning  TaskStatus = "running"  // a browser works on it
	TaskPausing  TaskStatus = "pausing"  // about to be paused
	TaskPaused   TaskStatus = "paused"   // waits for a person
	TaskFinished TaskStatus = "finished" // ended, with an output
	TaskFailed   TaskStatus = "failed"   // ended by an error, and billed
	TaskCanceled TaskStatus = "canceled" // ended on request
	TaskUnknown  TaskStatus = "unknown"
)

// Ended reports whether a task with this status will not change any more.
func (s TaskStatus) Ended() bool {
	return s == TaskFinished || s == TaskFailed || s == TaskCanceled
}

// A TaskSummary is a task as lists show it. Only Status says whether it has ended:
// FinishedAt may be set while it runs, and CreatedAt may be missing.
type TaskSummary struct {
	ID         ID          `json:"id"`
	WorkflowID ID          `json:"workflow_id"` // for runs of a template not the template's id
	Status     TaskStatus  `json:"status"`
	CreatedAt  Time        `json:"created_at"`
	FinishedAt Time        `json:"finished_at"`
	Credit     credit      `json:"credit"`
	Failure    *Failure    `json:"task_failure_info"` // may be nil on a failed task
	Live       *liveView   `json:"live_url_info"`
	OldLiveURL string      `json:"live_url"`
	ProfileID  ID          `json:"profile_id"`
	Inputs     *TaskInputs `json:"input_parameters"`
}

func (t TaskSummary) present() bool { return t.ID != "" && t.Status != "" }

// Credits returns what the task has cost so far; known is false if the API did not
// say.
func (t TaskSummary) Credits() (credits int64, known bool) { return t.Credit.credits, t.Credit.known }

// LiveURL returns the URL of the task's live view, empty if there is none. A task
// that has ended may still have one. The URL gives control of the browser: never log
// it.
func (t TaskSummary) LiveURL() string {
	if t.Live != nil && t.Live.URL != "" {
		return t.Live.URL
	}
	return t.OldLiveURL
}

type liveView struct {
	URL string `json:"live_url"`
}

// A credit is what a task has cost, if the API said so.
type credit struct {
	credits int64
	known   bool
}

// UnmarshalJSON accepts a number, and a string that holds one.
func (c *credit) UnmarshalJSON(raw []byte) error {
	c.credits, c.known = integer(bareText(raw))
	return nil
}

// A Failure is why a task failed.
type Failure struct {
	Code    int
	Message string
}

// UnmarshalJSON accepts the code as a number or a string.
func (f *Failure) UnmarshalJSON(raw []byte) error {
	var wire struct {
		Code    flexInt `json:"code"`
		Message string  `json:"message"`
	}
	err := unmarshal(raw, &wire)
	*f = Failure{int(wire.Code), wire.Message}
	return err
}

// A Task is a task with all of its details.
type Task struct {
	TaskSummary
	Output         Output `json:"output"`
	Steps          []Step `json:"steps"`
	Files          []File `json:"download_files"`
	FilesExpiresAt Time   `json:"files_expires_at"`
	LogURL         string `json:"log_detail_url"`
}

// An Output is the result of a run: a text in a format that the workflow chooses,
// and the URLs of files. Both are empty while the task runs.
type Output struct {
	String string   `json:"string"`
	Files  []string `json:"files"`
}

// mend reads the output again if a task has values of unexpected types: the output
// may be a bare text, JSON outside a string, or files with details. This takes several
// times as long, which matters for 20 MB.
func (t *Task) mend(raw []byte) {
	var wire struct {
		Output oddOutput `json:"output"`
	}
	if unmarshal(raw, &wire) == nil {
		t.Output = Output(wire.Output)
	}
}

type oddOutput Output

func (o *oddOutput) UnmarshalJSON(raw []byte) error {
	var wire struct {
		String text      `json:"string"`
		Files  []fileURL `json:"files"`
	}
	var err error
	if raw[0] == '{' {
		err = unmarshal(raw, &wire)
	} else {
		err = wire.String.UnmarshalJSON(raw)
	}
	*o = oddOutput{String: string(wire.String)}
	for _, link := range wire.Files {
		if link != "" {
			o.Files = append(o.Files, string(link))
		}
	}
	return err
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

// A StepStatus is the status of a step.
type StepStatus string

// The statuses of a step.
const (
	StepRunning   StepStatus = "running"
	StepSucceeded StepStatus = "succeed"
	StepFailed    StepStatus = "failed"
)

// A File is a file that a run produced. URL is pre-signed, and empty until the file
// is uploaded: never log it.
type File struct {
	GUID      string  `json:"guid"`
	Name      string  `json:"fileName"`
	Bytes     flexInt `json:"fileSize"`
	Status    string  `json:"status"`
	URL       string  `json:"downloadUrl"`
	ExpiresAt Time    `json:"expiresAt"`
	Error     string  `json:"errorMessage"`
}

// A fileURL is the URL of a file, sent by itself or among the file's details.
type fileURL string

func (u *fileURL) UnmarshalJSON(raw []byte) error {
	var details struct {
		URL      string `json:"url"`
		Download string `json:"downloadUrl"`
	}
	if raw[0] != '{' {
		*u = fileURL(bareText(raw))
		return nil
	}
	err := unmarshal(raw, &details)
	*u = fileURL(cmp.Or(details.Download, details.URL))
	return err
}
