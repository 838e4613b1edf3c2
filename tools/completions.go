package tools

import (
	"context"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/browseract"
)

// mostCompletions is how many values MCP lets a completion have.
const mostCompletions = 100

// Completions complete the arguments of resources and prompts: ids of workflows,
// templates and tasks, by the beginning of the id or by a part of the name, and the
// names of a task's files. What cannot be read completes to nothing: nobody waits for
// an error while they type.
type Completions struct{ t *toolset }

// CompletePromptArgument completes an argument of a prompt.
func (c *Completions) CompletePromptArgument(ctx context.Context, _ string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return c.complete(ctx, argument, known), nil
}

// CompleteResourceArgument completes a variable of a resource's address.
func (c *Completions) CompleteResourceArgument(ctx context.Context, _ string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return c.complete(ctx, argument, known), nil
}

func (c *Completions) complete(ctx context.Context, argument mcp.CompleteArgument, known mcp.CompleteContext) *mcp.Completion {
	typed := strings.ToLower(strings.TrimSpace(argument.Value))
	var found []string
	switch argument.Name {
	case "workflow_id":
		found = c.workflows(ctx, typed)
	case "template_id":
		found = c.templates(ctx, typed)
	case "task_id", "before_task_id", "after_task_id":
		found = c.tasks(ctx, typed)
	case "name":
		found = c.files(ctx, typed, known.Arguments)
	}
	return &mcp.Completion{
		Values:  append([]string{}, found[:min(len(found), mostCompletions)]...),
		Total:   len(found),
		HasMore: len(found) > mostCompletions,
	}
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
	page, err := c.t.Client.Templates(ctx, "", 1, browseract.MaxLimit)
	if err != nil {
		return nil
	}
	var ids []string
	for _, tpl := range page.Items {
		if suits(typed, string(tpl.ID), tpl.Name) {
			ids = append(ids, string(tpl.ID))
		}
	}
	return ids
}

// tasks are the latest ones, and those of workflows of that name.
func (c *Completions) tasks(ctx context.Context, typed string) []string {
	var ids []string
	for _, filter := range []browseract.TaskFilter{{}, {WorkflowName: typed}} {
		page, err := c.t.Client.Tasks(ctx, filter, 1, mostCompletions)
		if err != nil {
			continue
		}
		for _, task := range page.Items {
			named := filter.WorkflowName != ""
			if id := string(task.ID); (named || suits(typed, id, "")) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if typed == "" {
			break
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
