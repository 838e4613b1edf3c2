package tools

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/browseract"
)

const (
	// maxCompletions is how many values MCP allows a completion.
	maxCompletions = 100
	// completionTime is how long a user who types may wait.
	completionTime = 5 * time.Second
)

// Completions complete the arguments of resources and prompts: ids of workflows,
// templates and tasks, by the beginning of the id or by a part of the name, and the
// names of a task's files. What cannot be read completes to nothing: no user waits for
// an error while they type.
type Completions struct{ t *tools }

// CompletePromptArgument completes an argument of a prompt.
func (c *Completions) CompletePromptArgument(ctx context.Context, _ string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return c.complete(ctx, argument, known), nil
}

// CompleteResourceArgument completes a variable of a resource's address.
func (c *Completions) CompleteResourceArgument(ctx context.Context, _ string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return c.complete(ctx, argument, known), nil
}

func (c *Completions) complete(ctx context.Context, argument mcp.CompleteArgument, known mcp.CompleteContext) *mcp.Completion {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	typed := strings.ToLower(strings.TrimSpace(argument.Value))
	var found []string
	total := 0 // of those that could be found; 0: as many as were
	switch argument.Name {
	case "workflow_id":
		found = c.workflows(ctx, typed)
	case "template_id":
		found = c.templates(ctx, typed)
	case "task_id", "before_task_id", "after_task_id":
		found, total = c.tasks(ctx, typed)
	case "name":
		found = c.files(ctx, typed, known.Arguments)
	}
	values := append([]string{}, found[:min(len(found), maxCompletions)]...)
	total = max(total, len(found))
	return &mcp.Completion{Values: values, Total: total, HasMore: total > len(values)}
}

func (c *Completions) workflows(ctx context.Context, typed string) []string {
	all, err := c.t.Client.AllWorkflows(ctx)
	if err != nil {
		return nil
	}
	var ids []string
	for _, w := range all {
		if suits(typed, string(w.ID), w.Name) {
			ids = append(ids, string(w.ID))
		}
	}
	return ids
}

func (c *Completions) templates(ctx context.Context, typed string) []string {
	all, err := c.t.Client.AllTemplates(ctx)
	if err != nil {
		return nil
	}
	var ids []string
	for _, tpl := range all {
		if suits(typed, string(tpl.ID), tpl.Name) {
			ids = append(ids, string(tpl.ID))
		}
	}
	return ids
}

// tasks are the latest ones whose id begins as typed, and those of workflows of that
// name. total counts the tasks of which they are the first.
func (c *Completions) tasks(ctx context.Context, typed string) (ids []string, total int) {
	if latest, err := c.t.Client.Tasks(ctx, browseract.TaskFilter{}, 1, browseract.MaxLimit); err == nil {
		ids = taskIDs(latest.Items, typed)
		if typed == "" {
			return ids, latest.TotalCount
		}
	}
	named, err := c.t.Client.Tasks(ctx, browseract.TaskFilter{WorkflowName: typed}, 1, maxCompletions)
	if err != nil || typed == "" {
		return ids, 0
	}
	for _, id := range taskIDs(named.Items, "") {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, named.TotalCount
}

func taskIDs(tasks []browseract.TaskSummary, begin string) []string {
	var ids []string
	for _, task := range tasks {
		if strings.HasPrefix(strings.ToLower(string(task.ID)), begin) {
			ids = append(ids, string(task.ID))
		}
	}
	return ids
}

func (c *Completions) files(ctx context.Context, typed string, known map[string]string) []string {
	task, err := c.t.filesOf(ctx, known)
	if err != nil {
		return nil
	}
	var names []string
	for _, file := range task.Files {
		if strings.HasPrefix(strings.ToLower(file.Name), typed) {
			names = append(names, file.Name)
		}
	}
	return names
}

// suits reports whether what was typed begins the id or is in the name.
func suits(typed, id, name string) bool {
	return strings.HasPrefix(strings.ToLower(id), typed) || strings.Contains(strings.ToLower(name), typed)
}
