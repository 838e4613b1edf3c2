package present

import (
	"cmp"
	"context"
	"fmt"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// Stopped shows a task after a stop; endedBefore says that it had ended by itself.
func (p *Presenter) Stopped(ctx context.Context, s *runs.Snapshot, endedBefore bool) schemas.Task {
	r := p.Task(ctx, s, Options{})
	switch {
	case endedBefore:
		r.Summary = "The task had ended before. " + r.Summary
	case r.Status == string(browseract.TaskCanceled):
		r.Summary = fmt.Sprintf("The run was canceled%s%s.%s", elapsedText(s), stepText(s), costText(r.Credits))
		r.Steps = describeSteps(last(s.Task.Steps, 1))
	case !r.Done:
		r.NeedsHuman = false
		r.NextStep = schemas.NextTask("get_task", r.TaskID, "to see that the run has ended")
		r.Summary = fmt.Sprintf("BrowserAct accepted the stop%s; the task is still %s and ends soon.%s", stepText(s), r.Status, costText(r.Credits))
		r.Steps = describeSteps(last(s.Task.Steps, 1))
	}
	return r
}

// stepText is the step that a run was at, as a part of a sentence. What the step was to do
// is in the answer's steps: it may come from a page.
func stepText(s *runs.Snapshot) string {
	steps := s.Task.Steps
	if len(steps) == 0 {
		return ""
	}
	return fmt.Sprintf(" at step %d", steps[len(steps)-1].Number)
}

func costText(credits *int64) string {
	return cmp.Or(creditText(" It had used %d credits, which stay billed.", credits), " BrowserAct does not say yet what it cost.")
}
