package browseract

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A TaskStatus is where a task stands. Values that are not among the constants
// can arrive and are passed on as they are.
type TaskStatus string

// UnmarshalJSON takes a status in any case.
func (s *TaskStatus) UnmarshalJSON(raw []byte) error {
	*s = TaskStatus(strings.ToLower(bareText(raw)))
	return nil
}

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
	Credit     credit      `json:"credit"`
	Failure    *Failure    `json:"task_failure_info"` // may be nil on a failed task
	Live       *liveView   `json:"live_url_info"`
	OldLiveURL string      `json:"live_url"`
	ProfileID  ID          `json:"profile_id"`
	Inputs     *TaskInputs `json:"input_parameters"`
}

func (t TaskSummary) present() bool { return t.ID != "" && t.Status != "" }

// Credits returns what the task has cost so far, and whether the API told.
func (t TaskSummary) Credits() (credits int64, told bool) { return t.Credit.credits, t.Credit.told }

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

// A credit is what a task has cost, if the API told.
type credit struct {
	credits int64
	told    bool
}

// UnmarshalJSON takes a number or a string that holds one.
func (c *credit) UnmarshalJSON(raw []byte) error {
	c.credits, c.told = integer(bareText(raw))
	return nil
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
	err := unmarshal(raw, &wire)
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

// mend reads the output again where a task has something of an unexpected type:
// it may be a bare text, JSON that was not made a text, or files with details.
// That takes several times as long, which matters for 20 MB.
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

// A fileURL is where a file is, told by itself or among its details.
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
	task, err := c.readTask(ctx, id)
	if err == nil {
		c.watchers.note(c.key(ctx), task)
	}
	return task, err
}

func (c *Client) readTask(ctx context.Context, id string) (Task, error) {
	task, err := get[Task](ctx, c, "get-task", taskQuery(id))
	if err == nil {
		c.noteLiveURL(ctx, task.TaskSummary)
	}
	return task, err
}

// Observe tells of a task before it is waited for: what a look of the same
// caller's [Client.Wait] told less than an interval ago, of a task that has ended
// its summary; where many tasks are waited for, what the next list of all open tasks
// tells, since reading each would cost more than the waits, or what reading the task
// tells once enough is closed; else what reading it tells. A read that ctx ends goes
// on for the next caller.
func (c *Client) Observe(ctx context.Context, id string, enough <-chan struct{}) (Observation, error) {
	seat, shared := c.watchers.joinFirst(ctx, c, id)
	defer seat.leave()
	if !shared {
		enough = nil
	}
	if news, ok := seat.told(); ok {
		return news.look, news.err
	}
	select {
	case news := <-seat.news:
		return news.look, news.err
	case <-ctx.Done():
		return Observation{}, fmt.Errorf("browseract: get-task: %w", ctx.Err())
	case <-enough:
	}
	task, err := c.Task(ctx, id)
	return Observation{task, true, time.Now()}, err
}

// LastLiveURL returns the address at which a task's live view was last seen by the
// same caller within 8 hours, empty if it was not. The API tells it only while the
// task runs, and a person needs it when the task is paused.
func (c *Client) LastLiveURL(ctx context.Context, id string) string {
	live, _ := c.cache.get(cacheName{c.key(ctx), "live " + id})
	link, _ := live.(string)
	return link
}

func (c *Client) noteLiveURL(ctx context.Context, task TaskSummary) {
	link := task.LiveURL()
	if link != "" && !task.Status.Ended() && link != c.LastLiveURL(ctx, string(task.ID)) {
		c.cache.put(cacheName{c.key(ctx), "live " + string(task.ID)}, link, liveViewFor)
	}
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
	listed, err := get[taskPage](ctx, c, "list-tasks", query)
	return listed.Page, err
}

func taskQuery(id string) url.Values { return url.Values{"task_id": {id}} }

// instant writes t as the API reads it, nothing for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z")
}
