package browseract

import "context"

// samplesOf is how many finished tasks tell what is typical of a workflow.
const samplesOf = 20

// RecentlyFinished returns a workflow's latest finished tasks, at most 20, as they
// were at most ten minutes ago. (GET /v2/workflow/list-tasks)
func (c *Client) RecentlyFinished(ctx context.Context, workflowID string) ([]TaskSummary, error) {
	return cachedFor(ctx, c, samplesFor, "finished "+workflowID, func(ctx context.Context) ([]TaskSummary, error) {
		page, err := c.Tasks(ctx, TaskFilter{Status: TaskFinished, WorkflowID: workflowID}, 1, samplesOf)
		return page.Items, err
	})
}
