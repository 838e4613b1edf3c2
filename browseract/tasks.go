package browseract

import (
	"context"
	"net/url"
	"time"
)

// finishedSample is how many finished tasks show what is typical of a workflow.
const finishedSample = 20

type statusReply struct {
	Status TaskStatus `json:"status"`
}

func (s statusReply) present() bool { return s.Status != "" }

// TaskStatus returns the status of a task. (GET /v2/workflow/get-task-status)
func (c *Client) TaskStatus(ctx context.Context, id string) (TaskStatus, error) {
	s, err := get[statusReply](ctx, c, "get-task-status", taskQuery(id))
	return s.Status, err
}

// Task returns a task. (GET /v2/workflow/get-task)
func (c *Client) Task(ctx context.Context, id string) (Task, error) {
	task, err := c.readTask(ctx, id)
	if err == nil {
		c.watchers.record(c.key(ctx), task)
	}
	return task, err
}

func (c *Client) readTask(ctx context.Context, id string) (Task, error) {
	task, err := get[Task](ctx, c, "get-task", taskQuery(id))
	if err == nil {
		c.storeLiveURL(ctx, task.TaskSummary)
	}
	return task, err
}

// LastLiveURL returns the URL of a task's live view as the same caller last saw it
// within 8 hours, empty if it did not. The API sends it only while the task runs, and
// a person needs it when the task is paused.
func (c *Client) LastLiveURL(ctx context.Context, id string) string {
	link, _ := lookup[string](&c.cache, cacheName{c.key(ctx), "live " + id})
	return link
}

func (c *Client) storeLiveURL(ctx context.Context, task TaskSummary) {
	link := task.LiveURL()
	if link != "" && !task.Status.Ended() && link != c.LastLiveURL(ctx, string(task.ID)) {
		c.cache.put(cacheName{c.key(ctx), "live " + string(task.ID)}, link, liveViewTTL)
	}
}

// A TaskFilter selects the tasks to list; zero members do not filter.
type TaskFilter struct {
	Status       TaskStatus
	WorkflowID   string
	WorkflowName string    // a part of the name, in any case
	From, To     time.Time // when the task was created, inclusive
}

// Tasks returns a page of the account's tasks, newest first and without outputs. page
// counts from 1, limit is 1 to [MaxLimit]. (GET /v2/workflow/list-tasks)
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

// RecentlyFinished returns a workflow's latest finished tasks, at most 20, as they
// were at most ten minutes ago. (GET /v2/workflow/list-tasks)
func (c *Client) RecentlyFinished(ctx context.Context, workflowID string) ([]TaskSummary, error) {
	return cached(ctx, c, finishedTTL, "finished "+workflowID, func(ctx context.Context) ([]TaskSummary, error) {
		page, err := c.Tasks(ctx, TaskFilter{Status: TaskFinished, WorkflowID: workflowID}, 1, finishedSample)
		return page.Items, err
	})
}

func taskQuery(id string) url.Values { return url.Values{"task_id": {id}} }

// instant formats t for the API, the zero time as nothing.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z")
}
