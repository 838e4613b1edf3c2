package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A BudgetMode says what happens where a budget is exceeded.
type BudgetMode string

// The modes. The empty mode is BudgetOff.
const (
	BudgetOff     BudgetMode = "off"     // budgets are not looked at
	BudgetWarn    BudgetMode = "warn"    // the run starts, and the answer says so
	BudgetEnforce BudgetMode = "enforce" // the run is refused
)

// A Policy is what the operator lets callers spend. Zero limits do not limit. A day
// is the last 24 hours.
type Policy struct {
	Mode             BudgetMode
	MaxCreditsPerDay int64
	MaxRunsPerDay    int
	MaxActiveRuns    int
	// MaxCreditsPerRun is held while somebody waits for the run: BrowserAct has no
	// limit of its own. In BudgetEnforce the task is stopped.
	MaxCreditsPerRun int64
	// AssumeCredits is what a run reserves of the day's credits while it is not
	// known what its workflow costs; 0 stands for 100.
	AssumeCredits int64
	// AllowWorkflows and AllowTemplates are the ids that may run; empty allows all.
	AllowWorkflows, AllowTemplates []string
}

const defaultAssume = 100

// permit refuses what is not on the operator's list, or says so in a warning.
func (p Policy) permit(s start) (warning string, err error) {
	list := p.AllowWorkflows
	if s.kind() == ledger.Template {
		list = p.AllowTemplates
	}
	restricted := len(p.AllowWorkflows)+len(p.AllowTemplates) > 0
	if p.Mode == "" || p.Mode == BudgetOff || !restricted || slices.Contains(list, s.target()) {
		return "", nil
	}
	if p.Mode == BudgetWarn {
		return fmt.Sprintf("This %s is not on the list of what this server should run.", s.kind()), nil
	}
	return "", &problem.Error{
		Code:    "not_allowed",
		Message: fmt.Sprintf("Nothing was started: this server may only run %s. Ask its operator to allow this %s.", p.allowed(), s.kind()),
	}
}

func (p Policy) allowed() string {
	var parts []string
	if len(p.AllowWorkflows) > 0 {
		parts = append(parts, "the workflows "+strings.Join(p.AllowWorkflows, ", "))
	}
	if len(p.AllowTemplates) > 0 {
		parts = append(parts, "the templates "+strings.Join(p.AllowTemplates, ", "))
	}
	return strings.Join(parts, " and ")
}

func (p Policy) limits() ledger.Limits {
	if p.Mode == "" || p.Mode == BudgetOff {
		return ledger.Limits{}
	}
	return ledger.Limits{
		RunsPerDay:    p.MaxRunsPerDay,
		ActiveRuns:    p.MaxActiveRuns,
		CreditsPerDay: p.MaxCreditsPerDay,
		WarnOnly:      p.Mode == BudgetWarn,
	}
}

// assume is how many credits the run s reserves: what its workflow typically
// costs, else what the operator assumes.
func (t *toolset) assume(ctx context.Context, s start) int64 {
	if t.Policy.MaxCreditsPerDay == 0 {
		return 0
	}
	if typical := t.typical(ctx, s.kind(), s.target()); typical.Credits.Runs >= enough {
		return typical.Credits.Median
	}
	if t.Policy.AssumeCredits > 0 {
		return t.Policy.AssumeCredits
	}
	return defaultAssume
}

// budgetNames are the limits in words, with the word for what they count.
func limitText(e *ledger.Exceeded) string {
	switch e.Limit {
	case ledger.RunsPerDay:
		return fmt.Sprintf("%d of %d runs in 24 hours are used", e.Used, e.Max)
	case ledger.ActiveRuns:
		return fmt.Sprintf("%d of %d runs at a time are under way", e.Used, e.Max)
	default:
		return fmt.Sprintf("%d of %d credits in 24 hours are used or reserved, and this run needs about %d", e.Used, e.Max, e.Requested)
	}
}

// overBudget refuses a start, with the figures.
func overBudget(e *ledger.Exceeded) error {
	when := "when a run under way ends"
	if !e.AvailableAt.IsZero() {
		when = "at " + schemas.Timestamp(e.AvailableAt)
	}
	if e.Requested > e.Max {
		when = "only if the operator of this server raises the limit"
	}
	return &problem.Error{
		Code: problem.CodeOverBudget,
		// A place is free again as soon as a run ends; what a day may cost is not.
		Retryable: e.Limit == ledger.ActiveRuns && e.Requested <= e.Max,
		Message:   fmt.Sprintf("Nothing was started: this server's budget is used up (%s). There is room again %s. Tell the user, who may raise the budget.", limitText(e), when),
		NextStep:  schemas.NextList("to see which runs used the budget"),
	}
}

// exceededWarning says that a start passes a limit that only warns.
func exceededWarning(e *ledger.Exceeded) []string {
	if e == nil {
		return nil
	}
	return []string{fmt.Sprintf("This server's budget is exceeded (%s). Tell the user.", limitText(e))}
}

// reportOvershoot says of a run that has ended if the day's credits are passed
// because it cost more than it had reserved. Nothing could have held that back.
func (t *toolset) reportOvershoot(ctx context.Context, s *sighting) {
	most := t.Policy.limits().CreditsPerDay
	credits, told := s.task.Credits()
	if most == 0 || t.Ledger == nil || !s.task.Status.Ended() || !told {
		return
	}
	caller := t.Caller(ctx)
	run, known, err := t.starts.Run(ctx, caller, string(s.task.ID))
	if err != nil || !known || credits <= run.Reserve {
		return
	}
	spent, err := t.Ledger.Spent(ctx, caller, time.Now().Add(-ledger.Day))
	if used := spent.Credits + spent.Reserved; err == nil && used > most {
		s.warn("This run cost %d credits, more than the %d that were reserved for it, and so this server's budget is passed: %d of %d credits in 24 hours are used or reserved. Tell the user.",
			credits, run.Reserve, used, most)
	}
}

// mostCredits is what the run of a task may cost: the least of what the operator
// allows any run, and one of its workflow or template. Less than 1: anything.
func (t *toolset) mostCredits(ctx context.Context, s *sighting) int64 {
	if t.Policy.Mode == "" || t.Policy.Mode == BudgetOff {
		return -1
	}
	if s.maxCredits == 0 {
		s.maxCredits = cmp.Or(t.exposed.maxCredits(func() custom.Target { return t.targetOf(ctx, s) }), -1)
	}
	if most := t.Policy.MaxCreditsPerRun; most > 0 && (s.maxCredits < 0 || most < s.maxCredits) {
		return most
	}
	return s.maxCredits
}

// limitsCredits reports whether runs of a target may cost only so much.
func (t *toolset) limitsCredits(kind ledger.Kind, target string) bool {
	of := func() custom.Target { return custom.Target{Kind: custom.Kind(kind), ID: target} }
	return t.Policy.MaxCreditsPerRun > 0 || t.exposed.maxCredits(of) > 0
}

// targetOf is what a task is a run of, as far as anybody here knows.
func (t *toolset) targetOf(ctx context.Context, s *sighting) custom.Target {
	kind, target := t.origin(ctx, s)
	return custom.Target{Kind: custom.Kind(kind), ID: cmp.Or(target, string(s.task.WorkflowID))}
}

// holdCredits deals with a task that has cost more than its run may: it stops it
// where budgets are enforced, and says so in the answer.
func (t *toolset) holdCredits(ctx context.Context, s *sighting) {
	credits, told := s.task.Credits()
	if s.overspent || !told || s.task.Status.Ended() {
		return
	}
	most := t.mostCredits(ctx, s)
	if most < 1 || credits <= most {
		return
	}
	s.overspent = true
	used := fmt.Sprintf("The run has used %d credits, more than the %d that this server allows a run", credits, most)
	if t.Policy.Mode != BudgetEnforce {
		s.warn("%s. Ask the user whether to stop it.", used)
		return
	}
	if _, err := t.Client.StopTask(context.WithoutCancel(ctx), string(s.task.ID)); err != nil {
		s.warn("%s, and it could not be stopped: %s", used, t.problems.Explain(err).Message)
		return
	}
	s.warn("%s, so it was stopped.", used)
}
