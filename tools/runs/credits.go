package runs

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func targetOf(kind Kind, id string) custom.Target {
	return custom.Target{Kind: custom.Kind(kind), ID: id}
}

// maxCreditsOf is what the run of a task may cost: the smaller one of the limits for any
// run and for its workflow or template. Less than 1: any.
func (e *Engine) maxCreditsOf(ctx context.Context, s *Snapshot) int64 {
	if e.Policy.IsOff() {
		return -1
	}
	if s.maxCredits == 0 {
		s.maxCredits = cmp.Or(e.Limits.MaxCredits(func() custom.Target {
			kind, target := e.Origin(ctx, s)
			return targetOf(kind, cmp.Or(target, string(s.Task.WorkflowID)))
		}), -1)
	}
	if limit := e.Policy.MaxCreditsPerRun; limit > 0 && (s.maxCredits < 0 || limit < s.maxCredits) {
		return limit
	}
	return s.maxCredits
}

// LimitsCredits reports whether what one run of a target may cost is limited.
func (e *Engine) LimitsCredits(kind Kind, target string) bool {
	return e.Policy.MaxCreditsPerRun > 0 || e.Limits.MaxCredits(func() custom.Target { return targetOf(kind, target) }) > 0
}

// EnforceCredits warns of a task under way that has cost more than its run may, and stops
// it where budgets are enforced. Of each snapshot it does so once.
func (e *Engine) EnforceCredits(ctx context.Context, s *Snapshot) {
	credits, known := s.Task.Credits()
	if s.overspent || !known || s.Ended() {
		return
	}
	limit := e.maxCreditsOf(ctx, s)
	if limit < 1 || credits <= limit {
		return
	}
	s.overspent = true
	used := fmt.Sprintf("The run has used %d credits, more than the %d that this server allows a run", credits, limit)
	if e.Policy.Mode != BudgetEnforce {
		s.warn("%s. Ask the user whether to stop it.", used)
		return
	}
	if _, err := e.Client.StopTask(context.WithoutCancel(ctx), s.ID()); err != nil {
		s.warn("%s, and it could not be stopped: %s", used, e.Problems.Explain(err).Message)
		return
	}
	s.warn("%s, so it was stopped.", used)
}

// WarnOfOvershoot warns of an ended run that cost more than it had reserved, if the day's
// credits are exceeded by that. Nothing could have prevented it.
func (e *Engine) WarnOfOvershoot(ctx context.Context, s *Snapshot) {
	limit := e.Policy.limits().CreditsPerDay
	credits, known := s.Task.Credits()
	if limit == 0 || !e.HasLedger() || !s.Ended() || !known {
		return
	}
	caller := e.Caller(ctx)
	run, found, err := e.ledger.Run(ctx, caller, s.ID())
	if err != nil || !found || credits <= run.Reserve {
		return
	}
	spent, err := e.ledger.Spent(ctx, caller, time.Now().Add(-ledger.Day))
	if used := spent.Credits + spent.Reserved; err == nil && used > limit {
		s.warn("This run cost %d credits, more than the %d that were reserved for it, and so this server's budget is exceeded: %d of %d credits in 24 hours are used or reserved. Tell the user.",
			credits, run.Reserve, used, limit)
	}
}
