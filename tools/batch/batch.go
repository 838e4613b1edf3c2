// Package batch runs one workflow or template for many rows of inputs, behind one batch
// id. Rows wait in the ledger's queue; a worker of this process starts them, as many at a
// time as the caller and the account allow, and goes on while no call waits.
//
// Begin with [Manager.Run]. plan.go is what is asked for, worker.go starts rows, state.go
// is what is known of them, follow.go waits for them, and describe.go is the answer.
//
// The package starts each row by [runs.Engine.Start]: it does not know how a run is kept
// from being started twice.
package batch

import (
	"context"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// The times of a batch. How often tasks are polled is up to the client.
const (
	// maxStartTime is what one start may take with all that belongs to it. It is less
	// than the time for which a claimed row is the worker's.
	maxStartTime = 45 * time.Second
	// minBackoff and maxBackoff bound the pause after a start that failed or for which
	// the account had no place.
	minBackoff = 5 * time.Second
	maxBackoff = time.Minute
	// refreshInterval is how often the ledger is read for what others do with the rows.
	refreshInterval = 2 * time.Second
	// searchInterval is how often the task of an ambiguous start is searched for.
	searchInterval = 10 * time.Second
	// firstPoll is how long a call waits for a first poll of each row.
	firstPoll = 5 * time.Second
	// maxSettleTime is how long a stop waits for rows that are starting, so that it can
	// stop them too.
	maxSettleTime = 10 * time.Second
	// pollAfter is when to call again, pausedPollAfter where rows wait for a person only.
	pollAfter       = 10 * time.Second
	pausedPollAfter = 30 * time.Second
	// keyLife is for how long an idempotency key answers with its batch, as with a run.
	keyLife = ledger.Day
)

// A Config is what a manager needs.
type Config struct {
	// Runs starts and follows the runs of rows. It is required; without a ledger there
	// are no batches.
	Runs *runs.Engine
	// HideLiveURLs says that answers have no addresses of live views.
	HideLiveURLs bool
	// ReadOnly says that no tool starts or resumes anything.
	ReadOnly bool
}

// A Manager starts, follows and stops batches.
type Manager struct {
	Config
	workers workers
}

// New returns a manager.
func New(cfg Config) *Manager { return &Manager{Config: cfg} }

func (m *Manager) ledger() *ledger.Ledger { return m.Runs.Ledger }

// Wait says for how long a call waits for rows, and until when.
type Wait struct {
	For   time.Duration // from the arrival of the call
	Until schemas.Quorum
}

// Run starts a batch, unless it was asked for before, and waits for its rows. The errors
// are [*problem.Error].
func (m *Manager) Run(ctx context.Context, r Request, w Wait) (schemas.Batch, error) {
	p, err := m.plan(ctx, r)
	if err != nil {
		return schemas.Batch{}, err
	}
	s, known, err := m.open(ctx, p)
	if err != nil {
		return schemas.Batch{}, err
	}
	s.warn(p.warning)
	if !known {
		s.warn(m.startWorker(ctx, s))
	}
	result := m.wait(ctx, s, w)
	result.Deduplicated = known
	return result, nil
}

// Get waits for the rows of a batch. With resume it starts queued rows, if no worker
// does. The errors are [*problem.Error].
func (m *Manager) Get(ctx context.Context, id string, resume bool, w Wait) (schemas.Batch, error) {
	s, err := m.find(ctx, id)
	if err != nil {
		return schemas.Batch{}, err
	}
	if resume && s.count((*row).done) < len(s.rows) {
		s.warn(m.startWorker(ctx, s))
	}
	return m.wait(ctx, s, w), nil
}

// CheckLedger returns a [*problem.Error] where there is no ledger, and so no batches.
func (m *Manager) CheckLedger() error {
	if m.Runs.HasLedger() {
		return nil
	}
	return &problem.Error{Code: "no_ledger", Message: "This server keeps no ledger, so it has no batches: their queue would be kept there. Its operator can set one with --ledger; until then start runs one by one."}
}

func nextBatch(tool, id, why string) *schemas.NextStep {
	return &schemas.NextStep{Tool: tool, Arguments: map[string]any{"batch_id": id}, Why: why}
}
