package runs

import (
	"context"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// MinRuns is how many runs an estimate needs to be shown.
const MinRuns = 3

// TypicalFor returns what runs of a workflow or template take: by the ledger, else, for a
// workflow, by the account's latest finished tasks. The zero Typical is not known.
func (e *Engine) TypicalFor(ctx context.Context, kind Kind, target string) Typical {
	if target == "" {
		return Typical{}
	}
	var known Typical
	if e.HasLedger() {
		known, _ = e.ledger.Typical(ctx, e.Caller(ctx), kind, target) // nothing, if it cannot be read
	}
	if known.Duration.Runs >= MinRuns || kind != Workflow {
		return known
	}
	finished, err := e.Client.RecentlyFinished(ctx, target)
	if err != nil {
		return known
	}
	return ledger.TypicalOf(samples(finished))
}

func samples(tasks []browseract.TaskSummary) []ledger.Sample {
	list := make([]ledger.Sample, 0, len(tasks))
	for _, task := range tasks {
		s := ledger.Sample{Duration: durationOf(task)}
		if credits, ok := task.Credits(); ok {
			s.Credits = &credits
		}
		list = append(list, s)
	}
	return list
}

// typicalOf is what runs like this task take: by earlier ones, else as the user states.
func (e *Engine) typicalOf(ctx context.Context, s *Snapshot) Typical {
	kind, target := e.Origin(ctx, s)
	if target == "" {
		target = string(s.Task.WorkflowID)
	}
	typical := e.TypicalFor(ctx, kind, target)
	if stated := e.Limits.Duration(targetOf(kind, target)); stated > 0 && typical.Duration.Runs < MinRuns {
		typical.Duration = ledger.Spread[time.Duration]{Runs: MinRuns, Low: stated, Median: stated, High: stated}
	}
	return typical
}

// Origin returns the workflow or template that a task is a run of, as this server knows
// it; "": it does not. BrowserAct shows another id for a template's run.
func (e *Engine) Origin(ctx context.Context, s *Snapshot) (kind Kind, target string) {
	if s.TemplateID != "" {
		return Template, s.TemplateID
	}
	run, known, err := e.ledger.Run(ctx, e.Caller(ctx), s.ID())
	if err != nil || !known {
		return Workflow, ""
	}
	return run.Kind, run.TargetID
}
