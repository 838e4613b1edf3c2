package tools

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

// A guardInput is the arguments by which a caller steers the duplicate guard.
type guardInput struct {
	IdempotencyKey string `json:"idempotency_key,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Your name for this run; asked again within 24 h, it answers with the same run"`
	AllowDuplicate bool   `json:"allow_duplicate,omitempty" jsonschema_description:"Start it although the same run is under way"`
}

// A start is one run about to be started, its arguments checked against its
// definition.
type start struct {
	workflowID, templateID string // one of them
	inputs                 []browseract.Input
	region, profileID      string
	guard                  guardInput
	wait                   waitInput
	maxCredits             int64    // of this run alone; 0: what counts for its target
	warnings               []string // for the answer, whatever comes of it
	batchID                string   // "" and 0 for a run by itself
	row                    int
	send                   func(context.Context) (browseract.Started, error)
}

func (s start) kind() ledger.Kind {
	if s.templateID != "" {
		return ledger.Template
	}
	return ledger.Workflow
}

func (s start) target() string { return cmp.Or(s.templateID, s.workflowID) }

// start starts a run and follows it. This is the order in which it may cost
// money; the definition has been read and the inputs have been checked before.
func (t *toolset) start(ctx context.Context, s start) (runAnswer, error) {
	seen, err := t.launch(ctx, s)
	if err != nil {
		return runAnswer{}, err
	}
	return t.follow(ctx, seen, pursuit{wait: s.wait}), nil
}

// launch returns the run that s asks for: one that is known already, or a new
// one, or one that was found after its start got no clear answer.
func (t *toolset) launch(ctx context.Context, s start) (sighting, error) {
	warning, err := t.Policy.permit(s)
	if err != nil {
		return sighting{}, err
	}
	// The budget, the duplicate guard and the intent, in one transaction.
	c, err := t.claim(ctx, s)
	if err != nil {
		return sighting{}, err
	}
	if warning != "" {
		c.warnings = append(c.warnings, warning)
	}
	c.warnings = append(c.warnings, s.warnings...)
	if c.Outcome == ledger.Duplicate {
		return t.sightKnown(ctx, s, c), nil
	}
	if t.mayHaveForgotten(ctx, c) && !s.guard.AllowDuplicate {
		seen, found, err := t.underWayAlready(ctx, s, c)
		if found || err != nil {
			return seen, err
		}
	}
	if !call.HasTimeFor(ctx, call.ForStart) {
		return t.carryOutBehind(ctx, s, c)
	}
	return t.carryOut(ctx, s, c)
}

// carryOut sends the start and settles it. From here to the settlement the start
// belongs to the server and not to the call: an answer that nobody waits for is a
// run that somebody pays for.
func (t *toolset) carryOut(ctx context.Context, s start, c *claim) (sighting, error) {
	defer t.Client.Hold()()
	own := context.WithoutCancel(ctx)
	started, err := s.send(own)
	var unknown *browseract.StartUnknownError
	switch {
	case errors.As(err, &unknown):
		return t.search(ctx, s, c, unknown)
	case err != nil:
		t.settle(ctx, c, ledger.Settlement{State: ledger.Refused})
		return sighting{}, problem.NotStarted(err)
	}
	t.settle(ctx, c, ledger.Settlement{State: ledger.Started, TaskID: string(started.TaskID)})
	// Also when the caller has gone meanwhile: then this line tells.
	t.Logger.InfoContext(ctx, "run started", "task_id", string(started.TaskID), "kind", s.kind(), "target", s.target())
	return s.sight(c, started.TaskID, started.ProfileID), nil
}

// sight is what is known of a run that has just started.
func (s start) sight(c *claim, id, profile browseract.ID) sighting {
	return sighting{
		task: browseract.Task{TaskSummary: browseract.TaskSummary{
			ID:         id,
			WorkflowID: browseract.ID(s.workflowID),
			ProfileID:  profile,
			Status:     browseract.TaskCreated,
		}},
		templateID: s.templateID,
		maxCredits: s.maxCredits,
		began:      time.Now(),
		warnings:   c.warnings,
	}
}

// search looks for the run of a start that got no clear answer, for as long as the
// call has time.
func (t *toolset) search(ctx context.Context, s start, c *claim, unknown *browseract.StartUnknownError) (sighting, error) {
	own, cancel := call.Detach(ctx, searchTime)
	defer cancel()
	t.settle(ctx, c, ledger.Settlement{State: ledger.Unknown})
	h := t.huntFor(c.Run, s)
	found, _ := h.seek(own) // what could not be read shows nothing
	sure, ok := certainOne(found)
	if !ok {
		return sighting{}, h.unclear(unknown, s, found)
	}
	id := sure.task.ID
	t.settle(ctx, c, ledger.Settlement{State: ledger.Started, TaskID: string(id), Matched: true})
	t.Logger.InfoContext(ctx, "run found after a start without a clear answer", "task_id", string(id), "kind", s.kind(), "target", s.target())
	seen := s.sight(c, id, sure.task.ProfileID)
	seen.warn("BrowserAct gave no clear answer to the start, and this task was found afterwards: %s. It is this run unless another client started the same one then. Do not run it again.", sure.describe(c.Run))
	return seen, nil
}
