package runs

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A Request is one run to start, its inputs checked against its definition.
type Request struct {
	WorkflowID, TemplateID string // one of them
	Inputs                 []browseract.Input
	Region                 string // of a template; "" is the API's default
	ProfileID              string // of a workflow; "" is none
	SaveBrowserData        bool   // of a workflow
	// CallbackURL and StatusCallbackURL get a POST when the task ends, or changes; "" is
	// none.
	CallbackURL, StatusCallbackURL string

	// IdempotencyKey is the caller's name for the run; "" is none. With it the same run
	// is the answer for 24 hours.
	IdempotencyKey string
	// AllowDuplicate starts the run although the same one is under way.
	AllowDuplicate bool

	MaxCredits int64    // of this run alone; 0: what counts for its target
	Warnings   []string // for the answer, whatever comes of it
	// WillWait says that the caller waits for the task next, and so reads it anyway.
	WillWait bool

	BatchID string // "" and 0 for a run by itself
	Row     int
}

// Kind is what is run.
func (r Request) Kind() Kind {
	if r.TemplateID != "" {
		return Template
	}
	return Workflow
}

// Target is the id of the workflow or template.
func (r Request) Target() string { return cmp.Or(r.TemplateID, r.WorkflowID) }

// cannotBeRepeated reports whether the same call again would start one more run.
func (r Request) cannotBeRepeated() bool { return r.AllowDuplicate && r.IdempotencyKey == "" }

// Start returns the run that r asks for: one that is known already, or a new one, or one
// that was found after its start got no clear answer. This is the order in which it may
// cost money. The errors are [*problem.Error], [*problem.NotStartedError] and
// [*AmbiguousStartError].
func (e *Engine) Start(ctx context.Context, r Request) (*Snapshot, error) {
	warning, err := e.Policy.Permit(r.Kind(), r.Target())
	if err != nil {
		return nil, err
	}
	// The budget, the duplicate guard and the intent, in one transaction.
	c, err := e.claim(ctx, r)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		c.warnings = append(c.warnings, warning)
	}
	c.warnings = append(c.warnings, r.Warnings...)
	if c.Outcome == ledger.Duplicate {
		return e.snapshotOfKnown(ctx, r, c), nil
	}
	if e.needsAccount(c) && !r.AllowDuplicate {
		if seen, err := e.findInAccount(ctx, r, c); seen != nil || err != nil {
			return seen, err
		}
	}
	if !call.HasTimeFor(ctx, call.ForStart) {
		return e.startDetached(ctx, r, c)
	}
	return e.send(ctx, r, c)
}

// send sends the start and settles it. From here to the settlement the start belongs to
// the server and not to the call: a reply that no client reads is a run that is paid for
// all the same.
func (e *Engine) send(ctx context.Context, r Request, c *claim) (*Snapshot, error) {
	defer e.Client.Hold()()
	started, err := e.post(context.WithoutCancel(ctx), r)
	var unknown *browseract.StartUnknownError
	switch {
	case errors.As(err, &unknown):
		return e.findStarted(ctx, r, c, unknown)
	case err != nil:
		e.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
		return nil, problem.NotStarted(err)
	}
	e.settle(ctx, c, ledger.Settlement{State: ledger.Started, TaskID: string(started.TaskID)})
	// Also for a client that has gone meanwhile.
	e.Logger.InfoContext(ctx, "run started", "task_id", string(started.TaskID), "kind", r.Kind(), "target", r.Target())
	return r.snapshot(c, started.TaskID, started.ProfileID), nil
}

// post sends the one request that costs money.
func (e *Engine) post(ctx context.Context, r Request) (browseract.Started, error) {
	if r.Kind() == Template {
		return e.Client.RunTemplate(ctx, browseract.TemplateRun{
			TemplateID:        r.TemplateID,
			Inputs:            r.Inputs,
			Region:            r.Region,
			CallbackURL:       r.CallbackURL,
			StatusCallbackURL: r.StatusCallbackURL,
		})
	}
	return e.Client.RunWorkflow(ctx, browseract.WorkflowRun{
		WorkflowID:        r.WorkflowID,
		Inputs:            r.Inputs,
		SaveBrowserData:   r.SaveBrowserData,
		ProfileID:         r.ProfileID,
		CallbackURL:       r.CallbackURL,
		StatusCallbackURL: r.StatusCallbackURL,
	})
}

// snapshot is what is known of a run that has just started.
func (r Request) snapshot(c *claim, id, profile browseract.ID) *Snapshot {
	return &Snapshot{
		Task: browseract.Task{TaskSummary: browseract.TaskSummary{
			ID:         id,
			WorkflowID: browseract.ID(r.WorkflowID),
			ProfileID:  profile,
			Status:     browseract.TaskCreated,
		}},
		TemplateID: r.TemplateID,
		maxCredits: r.MaxCredits,
		Began:      time.Now(),
		Warnings:   c.warnings,
	}
}

// findStarted looks for the run of a start that got no clear answer, for as long as the
// call has time.
func (e *Engine) findStarted(ctx context.Context, r Request, c *claim, unknown *browseract.StartUnknownError) (*Snapshot, error) {
	searching, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	e.settle(ctx, c, ledger.Settlement{State: ledger.Unknown})
	f := e.finderFor(c.Run, r)
	found, _ := f.find(searching) // what could not be read shows nothing
	match, ok := onlyCertain(found)
	if !ok {
		return nil, f.ambiguous(unknown, found)
	}
	id := match.task.ID
	e.settle(ctx, c, ledger.Settlement{State: ledger.Started, TaskID: string(id), Matched: true})
	e.Logger.InfoContext(ctx, "run found after a start without a clear answer", "task_id", string(id), "kind", r.Kind(), "target", r.Target())
	seen := r.snapshot(c, id, match.task.ProfileID)
	seen.Warn("BrowserAct gave no clear answer to the start, and this task was found afterwards: %s. It is this run unless another client started the same one then. Do not run it again.", match.describe(c.Run))
	return seen, nil
}
