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
	// CallbackURL gets a POST when the task ends, StatusCallbackURL at each change of
	// its status; "" is none.
	CallbackURL, StatusCallbackURL string

	// IdempotencyKey is the caller's name for the run; "" is none. With it the same run
	// is the answer for 24 hours.
	IdempotencyKey string
	// AllowDuplicate starts the run although the same one is under way.
	AllowDuplicate bool

	MaxCredits int64    // of this run alone; 0: the limit of its target
	Warnings   []string // for the answer, also if the run is known
	// WillWait says that the caller waits for the task next, and so reads it anyway.
	WillWait bool

	BatchID string // "" and 0 for a run by itself
	Row     int
}

// Kind returns whether the run is of a workflow or of a template.
func (r Request) Kind() Kind {
	if r.TemplateID != "" {
		return Template
	}
	return Workflow
}

// Target returns the id of the workflow or template.
func (r Request) Target() string { return cmp.Or(r.TemplateID, r.WorkflowID) }

// isUnrepeatable reports whether the same call again would start one more run.
func (r Request) isUnrepeatable() bool { return r.AllowDuplicate && r.IdempotencyKey == "" }

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
	c.warn(append([]string{warning}, r.Warnings...)...)
	if c.Outcome == ledger.Duplicate {
		return c.duplicate(ctx), nil
	}
	if c.needsAccount() && !r.AllowDuplicate {
		if found, err := c.findInAccount(ctx); found != nil || err != nil {
			return found, err
		}
	}
	if !call.HasTimeFor(ctx, call.ForStart) {
		return c.sendDetached(ctx)
	}
	return c.send(ctx)
}

// send sends the start and settles it. From here to the settlement the start belongs to
// the server and not to the call: a run is paid for also if no client reads the reply.
func (c *claim) send(ctx context.Context) (*Snapshot, error) {
	defer c.e.Client.Hold()()
	started, err := c.request.post(context.WithoutCancel(ctx), c.e.Client)
	var unknown *browseract.StartUnknownError
	switch {
	case errors.As(err, &unknown):
		return c.findStarted(ctx, unknown)
	case err != nil:
		c.refuse(ctx)
		return nil, problem.NotStarted(err)
	}
	c.settle(ctx, ledger.Settlement{State: ledger.Started, TaskID: string(started.TaskID)})
	// Also for a client that has gone meanwhile.
	c.e.Logger.InfoContext(ctx, "run started", "task_id", string(started.TaskID), "kind", c.request.Kind(), "target", c.request.Target())
	return c.snapshot(started.TaskID, started.ProfileID), nil
}

// post sends the one request that costs money.
func (r Request) post(ctx context.Context, client *browseract.Client) (browseract.Started, error) {
	if r.Kind() == Template {
		return client.RunTemplate(ctx, browseract.TemplateRun{
			TemplateID:        r.TemplateID,
			Inputs:            r.Inputs,
			Region:            r.Region,
			CallbackURL:       r.CallbackURL,
			StatusCallbackURL: r.StatusCallbackURL,
		})
	}
	return client.RunWorkflow(ctx, browseract.WorkflowRun{
		WorkflowID:        r.WorkflowID,
		Inputs:            r.Inputs,
		SaveBrowserData:   r.SaveBrowserData,
		ProfileID:         r.ProfileID,
		CallbackURL:       r.CallbackURL,
		StatusCallbackURL: r.StatusCallbackURL,
	})
}

// snapshot is what is known of a run that has just started.
func (c *claim) snapshot(id, profile browseract.ID) *Snapshot {
	return &Snapshot{
		Task: browseract.Task{TaskSummary: browseract.TaskSummary{
			ID:         id,
			WorkflowID: browseract.ID(c.request.WorkflowID),
			ProfileID:  profile,
			Status:     browseract.TaskCreated,
		}},
		TemplateID: c.request.TemplateID,
		maxCredits: c.request.MaxCredits,
		Began:      time.Now(),
		Warnings:   c.warnings,
	}
}

// findStarted searches for the run of a start that got no clear answer, for as long as
// the call has time.
func (c *claim) findStarted(ctx context.Context, unknown *browseract.StartUnknownError) (*Snapshot, error) {
	searching, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	c.settle(ctx, ledger.Settlement{State: ledger.Unknown})
	f := c.e.finderFor(c.Run, c.request)
	found, _ := f.find(searching) // what could not be read shows nothing
	match, ok := onlyCertain(found)
	if !ok {
		return nil, f.ambiguous(unknown, found)
	}
	id := match.task.ID
	c.settle(ctx, matchedTo(match.task))
	c.e.Logger.InfoContext(ctx, "run found after a start without a clear answer", "task_id", string(id), "kind", c.request.Kind(), "target", c.request.Target())
	s := c.snapshot(id, match.task.ProfileID)
	s.warn("BrowserAct gave no clear answer to the start, and this task was found afterwards: %s. It is this run unless another client started the same one then. Do not run it again.", match.describe(c.Run))
	return s, nil
}

// sendDetached sends a start for a client that may give up before it is over. The call
// waits as long as it can, and the start goes on: the duplicate guard answers the same
// request with it.
func (c *claim) sendDetached(ctx context.Context) (*Snapshot, error) {
	type result struct {
		s   *Snapshot
		err error
	}
	done := make(chan result, 1)
	release := c.e.Client.Hold()
	go func() { // ends with its requests; DrainStarts waits for it
		defer release()
		s, err := c.send(context.WithoutCancel(ctx))
		done <- result{s, err}
		if err != nil {
			c.e.Logger.WarnContext(ctx, "a detached start failed", "kind", c.request.Kind(), "target", c.request.Target(), "code", c.e.Problems.Explain(err).Code)
		}
	}()
	select {
	case r := <-done:
		return r.s, r.err
	case <-ctx.Done():
		return nil, c.inProgress()
	}
}

// inProgress is the error of a start that BrowserAct has not answered yet.
func (c *claim) inProgress() error {
	p := &problem.Error{
		Code: problem.CodeStartInProgress, Retryable: true, RetryAfter: problem.Seconds(startRetryAfter),
		Message: "The run is being started, and BrowserAct has not answered yet. Call again with the same arguments in a few seconds: nothing is started twice, and the answer will carry its task_id.",
	}
	if c.request.isUnrepeatable() {
		p.Retryable = false
		p.Message = "The run is being started, and BrowserAct has not answered yet. Do not call again with allow_duplicate, which would start one more: look in list_tasks in a few seconds."
		p.NextStep = c.e.nextOwn("to find the run's task_id")
	}
	return p
}
