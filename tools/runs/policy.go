package runs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A BudgetMode says what happens to a run that exceeds a budget.
type BudgetMode string

// The modes. The empty mode is BudgetOff.
const (
	BudgetOff     BudgetMode = "off"     // budgets do not count
	BudgetWarn    BudgetMode = "warn"    // the run starts, and the answer says so
	BudgetEnforce BudgetMode = "enforce" // the run is refused
)

// A Policy is what the operator lets callers spend. Zero limits do not limit. A day is
// the last 24 hours.
type Policy struct {
	Mode             BudgetMode
	MaxCreditsPerDay int64
	MaxRunsPerDay    int
	MaxActiveRuns    int
	// MaxCreditsPerRun is enforced while a call waits for the run: BrowserAct has no
	// limit of its own. In BudgetEnforce the task is stopped.
	MaxCreditsPerRun int64
	// AssumeCredits is what a run reserves of the day's credits while it is not known
	// what its workflow costs; 0 stands for 100.
	AssumeCredits int64
	// AllowWorkflows and AllowTemplates are the ids that may run; empty allows all.
	AllowWorkflows, AllowTemplates []string
}

const defaultAssumeCredits = 100

// IsOff reports whether budgets do not count.
func (p Policy) IsOff() bool { return p.Mode == "" || p.Mode == BudgetOff }

// Permit refuses a run of what is not on the operator's list, or returns a warning; "" if
// it is permitted. The error is a [*problem.Error].
func (p Policy) Permit(kind Kind, target string) (warning string, err error) {
	list := p.AllowWorkflows
	if kind == Template {
		list = p.AllowTemplates
	}
	restricted := len(p.AllowWorkflows)+len(p.AllowTemplates) > 0
	if p.IsOff() || !restricted || slices.Contains(list, target) {
		return "", nil
	}
	if p.Mode == BudgetWarn {
		return fmt.Sprintf("This %s is not on the list of what this server should run.", kind), nil
	}
	return "", &problem.Error{
		Code:    "not_allowed",
		Message: fmt.Sprintf("Nothing was started: this server may only run %s. Ask its operator to allow this %s.", p.allowed(), kind),
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
	if p.IsOff() {
		return ledger.Limits{}
	}
	return ledger.Limits{
		RunsPerDay:    p.MaxRunsPerDay,
		ActiveRuns:    p.MaxActiveRuns,
		CreditsPerDay: p.MaxCreditsPerDay,
		WarnOnly:      p.Mode == BudgetWarn,
	}
}

// reserve is how many credits of the day a run reserves: what its workflow typically
// costs, else what the operator assumes.
func (e *Engine) reserve(ctx context.Context, r Request) int64 {
	if e.Policy.MaxCreditsPerDay == 0 {
		return 0
	}
	if typical := e.TypicalFor(ctx, r.Kind(), r.Target()); typical.Credits.Runs >= MinRuns {
		return typical.Credits.Median
	}
	return cmp.Or(e.Policy.AssumeCredits, defaultAssumeCredits)
}

// limitText describes a limit with its figures.
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

// exceededWarning says that a start passes a limit that only warns; "" for nil.
func exceededWarning(e *ledger.Exceeded) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("This server's budget is exceeded (%s). Tell the user.", limitText(e))
}
