package batch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// historyLife is for how long a batch is remembered that is not asked for.
	historyLife = time.Hour
	// maxWorkers is how many batches of one caller this process works on at a time.
	maxWorkers = 10
	// maxStartTime is what one start may take with all that belongs to it. A claimed row
	// is the worker's for a minute.
	maxStartTime = 45 * time.Second
)

// workers are the batches whose rows this process starts, and what it remembers of those
// that were asked for lately. The zero value has none.
type workers struct {
	mu      sync.Mutex
	byBatch map[string]*history
}

// A history is what is remembered of a batch between calls.
type history struct {
	caller  string
	results map[string]result // by task
	worker  *worker           // the latest, nil if there was none
	used    time.Time
}

// history returns what is remembered of a batch. mu is held.
func (ws *workers) history(s *state) *history {
	name := s.caller + " " + s.batch.ID
	if ws.byBatch == nil {
		ws.byBatch = map[string]*history{}
	}
	h := ws.byBatch[name]
	if h == nil {
		h = &history{caller: s.caller, results: map[string]result{}}
		ws.byBatch[name] = h
		time.AfterFunc(historyLife, func() { ws.forget(name) })
	}
	h.used = time.Now()
	return h
}

func (ws *workers) forget(name string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	h := ws.byBatch[name]
	if h.worker.working() || time.Since(h.used) < historyLife {
		time.AfterFunc(historyLife, func() { ws.forget(name) })
		return
	}
	delete(ws.byBatch, name)
}

func (ws *workers) result(s *state, task string) (r result, known bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	r, known = ws.history(s).results[task]
	return r, known
}

func (ws *workers) keepResult(s *state, task string, r result) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.history(s).results[task] = r
}

// latest returns the worker that is or was at a batch, nil if there was none.
func (ws *workers) latest(s *state) *worker {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.history(s).worker
}

func (ws *workers) working(s *state) bool { return ws.latest(s).working() }

// acquire makes w the worker of a batch, unless one is working or the caller has too
// many.
func (ws *workers) acquire(s *state, w *worker) (acquired bool, warning string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	h := ws.history(s)
	if h.worker.working() {
		return false, ""
	}
	n := 0
	for _, other := range ws.byBatch {
		if other.caller == s.caller && other.worker.working() {
			n++
		}
	}
	if n >= maxWorkers {
		return false, fmt.Sprintf("This server works on %d batches of yours already. The rows wait: call get_batch with continue when one of those is done.", n)
	}
	h.worker = w
	return true, ""
}

// A worker starts the rows of one batch, while there are any in its queue. It goes on
// while no call waits, and ends with the server.
type worker struct {
	m       *Manager
	limiter limiter
	cancel  context.CancelFunc
	ended   chan struct{}

	mu     sync.Mutex
	state  *state         // nil before it begins
	halted *problem.Error // why rows are left in the queue
}

// startWorker has the rows of a batch started, if no worker does that yet. The work is
// the server's and not the call's: it has the caller's key, not its end.
func (m *Manager) startWorker(ctx context.Context, s *state) (warning string) {
	work, cancel := m.Runs.Calls.UntilClosing(context.WithoutCancel(ctx))
	w := &worker{m: m, limiter: newLimiter(s.settings.MaxParallel), cancel: cancel, ended: make(chan struct{})}
	acquired, warning := m.workers.acquire(s, w)
	if !acquired {
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
	w.mu.Lock()
	w.state = s
	w.mu.Unlock()
	following, stop := context.WithCancel(ctx)
	defer s.followers.Wait()
	defer stop()
	for ctx.Err() == nil && w.reason() == nil {
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
	switch {
	case s.count(isGivenUp) > 0: // the batch was stopped, perhaps in another process
		if err := s.giveUp(ctx); err != nil {
			w.failed(ctx, w.m.Runs.Problems.Explain(err))
		}
		return 0, false
	case s.count(isQueued) == 0:
		return searchInterval, s.count(isStarting) > 0
	}
	if pause := w.limiter.wait(time.Now(), s.count((*row).active)); pause > 0 {
		return pause, true
	}
	w.startNext(ctx)
	return 0, true
}

// startNext starts the first row of the queue, like any run.
func (w *worker) startNext(ctx context.Context) {
	s := w.state
	active := s.count((*row).active)
	claimed, found, err := w.m.ledger().ClaimRow(ctx, s.caller, s.batch.ID)
	if err != nil || !found {
		if err != nil {
			w.failed(ctx, w.m.Runs.Problems.Explain(runs.Unavailable(err)))
		}
		return
	}
	request, err := s.request(claimed)
	if err != nil {
		w.settle(ctx, claimed, ledger.RowSettlement{State: ledger.RowRefused, Reason: "its inputs cannot be read from the ledger"})
		return
	}
	starting, cancel := context.WithTimeout(ctx, maxStartTime)
	seen, err := w.m.Runs.Start(starting, request)
	cancel()
	if err != nil {
		w.notStarted(ctx, claimed, active, err)
		return
	}
	w.settle(ctx, claimed, ledger.RowSettlement{State: ledger.RowStarted, TaskID: seen.ID()})
	w.limiter.started(time.Now(), active+1)
	if !seen.Deduplicated {
		for _, warning := range seen.Warnings {
			s.warn(s.name(claimed.Number) + ": " + warning)
		}
	}
}

// settle records what came of a row, whatever happens to the worker.
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
		p.RetryAfter = 0 // the row is looked for beside the others
	}
	if p.Code == problem.CodeAPIError { // this row's own fault, as far as is known
		w.settle(ctx, r, ledger.RowSettlement{State: ledger.RowRefused, Reason: sanitize.OneLine(p.Message, maxRowError)})
		w.failed(ctx, p)
		return
	}
	// A row that may have started stays with its run, and is looked for.
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

// failed waits before the next try, or gives up if it was one of too many.
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
	w.mu.Lock()
	defer w.mu.Unlock()
	w.halted = &p
}

func (w *worker) reason() *problem.Error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.halted
}

// warnings returns what the worker has to say. A nil worker has nothing.
func (w *worker) warnings() []string {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	s, halted := w.state, w.halted
	w.mu.Unlock()
	var warnings []string
	if s != nil {
		s.mu.Lock()
		warnings = append(warnings, s.warnings...)
		s.mu.Unlock()
	}
	if halted != nil {
		warnings = append(warnings, "No more rows are started: "+halted.Message)
	}
	return warnings
}
