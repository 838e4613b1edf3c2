package batch

import (
	"context"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A worker starts the rows of one batch, while there are any in its queue. It goes on
// while no call waits, and ends with the server.
type worker struct {
	m        *Manager
	cancel   context.CancelFunc
	ended    chan struct{}
	warnings warnings

	// The goroutine of work alone uses these.
	state   *state
	limiter limiter
	halted  bool // rows are left in the queue; a warning says why
}

// startWorker has the rows of a batch started, if no worker does that yet. The work is
// the server's and not the call's: it has the caller's key, not its end.
func (m *Manager) startWorker(ctx context.Context, s *state) (warning string) {
	work, cancel := m.Runs.Calls.UntilClosing(context.WithoutCancel(ctx))
	w := &worker{m: m, cancel: cancel, ended: make(chan struct{})}
	added, warning := m.workers.add(s, w)
	if !added {
		cancel()
		return warning
	}
	release := m.Runs.Client.Hold()
	go func() { // ends with work or with the queue; shutdown waits for it by the hold
		defer release()
		defer close(w.ended)
		defer cancel()
		w.work(work, s.batch.ID)
	}()
	return ""
}

// working reports whether the worker starts rows. A nil worker does not.
func (w *worker) working() bool {
	if w == nil {
		return false
	}
	select {
	case <-w.ended:
		return false
	default:
		return true
	}
}

// warned returns the worker's warnings. A nil worker has none.
func (w *worker) warned() []string {
	if w == nil {
		return nil
	}
	return w.warnings.all()
}

// stop ends the worker, if it is working. A start on its way is finished.
func (w *worker) stop() {
	if w.working() {
		w.cancel()
	}
}

// work starts rows until none is in the queue.
func (w *worker) work(ctx context.Context, batchID string) {
	s, err := w.m.find(ctx, batchID)
	if err != nil {
		w.halt(ctx, w.m.Runs.Problems.Explain(err))
		return
	}
	w.state, s.warnings = s, &w.warnings
	defer func() { w.state = nil }() // what is kept of the worker are its warnings
	following, stop := context.WithCancel(ctx)
	defer s.followers.Wait()
	defer stop()
	for ctx.Err() == nil && !w.halted {
		pause, more := w.step(ctx, following)
		if !more {
			return
		}
		s.pause(ctx, min(pause, searchInterval)) // other processes may work on it too
	}
}

// step does what there is to do now, and returns how long nothing will be. There is no
// more when the queue is empty.
func (w *worker) step(ctx, following context.Context) (pause time.Duration, more bool) {
	s := w.state
	if _, err := s.refresh(ctx); err != nil {
		w.failed(ctx, w.m.Runs.Problems.Explain(err))
		return minBackoff, true
	}
	s.follow(following)
	switch active := s.count((*row).active); {
	case s.count(isGivenUp) > 0: // the batch was stopped, perhaps in another process
		if err := s.giveUp(ctx); err != nil {
			w.failed(ctx, w.m.Runs.Problems.Explain(err))
		}
		return 0, false
	case s.count(isQueued) == 0:
		return searchInterval, s.count(isStarting) > 0
	case active >= s.settings.MaxParallel:
		return maxBackoff, true // sooner, if one of them ends
	default:
		if pause = w.limiter.wait(time.Now(), active); pause == 0 {
			w.startNext(ctx, active)
		}
		return pause, true
	}
}

// startNext starts the first row of the queue, like any run.
func (w *worker) startNext(ctx context.Context, active int) {
	s := w.state
	claimed, found, err := w.m.ledger().ClaimRow(ctx, s.caller, s.batch.ID)
	if err != nil {
		w.failed(ctx, w.m.Runs.Problems.Explain(runs.Unavailable(err)))
	}
	if err != nil || !found {
		return
	}
	request, err := s.request(claimed)
	if err != nil {
		w.settle(ctx, claimed, ledger.RowSettlement{State: ledger.RowRefused, Reason: "its inputs cannot be read from the ledger"})
		return
	}
	starting, cancel := context.WithTimeout(ctx, maxStartTime)
	started, err := w.m.Runs.Start(starting, request)
	cancel()
	if err != nil {
		w.notStarted(ctx, claimed, active, err)
		return
	}
	w.settle(ctx, claimed, ledger.RowSettlement{State: ledger.RowStarted, TaskID: started.ID()})
	w.limiter.started()
	if !started.Deduplicated {
		s.warnOfRow(claimed.Number, started.Warnings)
	}
}

// settle records what came of a row, also if the worker has been stopped.
func (w *worker) settle(ctx context.Context, r ledger.Row, settlement ledger.RowSettlement) {
	if err := w.m.ledger().SettleRow(context.WithoutCancel(ctx), w.state.caller, w.state.batch.ID, r.Number, settlement); err != nil {
		w.m.Runs.Logger.WarnContext(ctx, "a row of a batch could not be settled", "error", err)
	}
}

// notStarted decides by the error of a row's start what becomes of the row and of those
// behind it.
func (w *worker) notStarted(ctx context.Context, r ledger.Row, active int, err error) {
	p := w.m.Runs.Problems.Explain(err)
	if p.Code == problem.CodeStartUnknown {
		p.RetryAfter = 0 // the row's task is searched for while others start
	}
	if p.Code == problem.CodeAPIError { // this row's own fault, as far as is known
		w.settle(ctx, r, ledger.RowSettlement{State: ledger.RowRefused, Reason: sanitize.OneLine(p.Message, maxRowError)})
		w.failed(ctx, p)
		return
	}
	// A row that may have started stays with its run, and its task is searched for.
	w.settle(ctx, r, ledger.RowSettlement{State: ledger.RowQueued})
	overBudget := p.Code == problem.CodeOverBudget
	switch {
	case ctx.Err() != nil:
	case p.APICode == browseract.CodeTooManyTasks, overBudget && (p.Retryable || active > 0):
		w.limiter.onLimit(time.Now(), active)
	case p.Retryable, p.Code == problem.CodeStartUnknown, p.Code == problem.CodeLedgerUnavailable:
		w.failed(ctx, p)
	default:
		w.halt(ctx, p)
	}
}

// failed waits before the next try, or halts if it was one of too many.
func (w *worker) failed(ctx context.Context, p problem.Error) {
	if w.limiter.failed(time.Now(), time.Duration(p.RetryAfter)*time.Second) {
		w.halt(ctx, p)
	}
}

// halt leaves the queue as it is, and says why.
func (w *worker) halt(ctx context.Context, p problem.Error) {
	if ctx.Err() != nil {
		return
	}
	w.m.Runs.Logger.WarnContext(ctx, "a batch halts", "code", p.Code)
	w.halted = true
	w.warnings.add("No more rows are started: " + p.Message)
}
