package tools

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// memoLife is for how long a batch is remembered that nobody asks for.
	memoLife = time.Hour
	// mostCrews is at how many batches of one caller this process is at a time.
	mostCrews = 10
	// launchTime is what one start may take with all that belongs to it. A claimed
	// row is the crew's for a minute.
	launchTime = 45 * time.Second
)

// crews are the batches whose rows this process starts, and what it remembers of
// those that were asked for lately.
type crews struct {
	mu      sync.Mutex
	byBatch map[string]*memo
}

// A memo is what is remembered of a batch between calls.
type memo struct {
	caller string
	ends   map[string]rowEnd // by task
	crew   *crew             // the latest, nil if there was none
	used   time.Time
}

// A crew starts the rows of one batch, while there are any in its queue. It works
// on while no call waits, and ends with the server.
type crew struct {
	t     *toolset
	pace  pace
	stop  context.CancelFunc
	ended chan struct{}

	mu     sync.Mutex
	view   *view          // nil before it begins
	halted *problem.Error // why rows are left in the queue
}

// memo returns what is remembered of v's batch. mu is held.
func (cs *crews) memo(v *view) *memo {
	name := v.caller + " " + v.batch.ID
	if cs.byBatch == nil {
		cs.byBatch = map[string]*memo{}
	}
	m := cs.byBatch[name]
	if m == nil {
		m = &memo{caller: v.caller, ends: map[string]rowEnd{}}
		cs.byBatch[name] = m
		time.AfterFunc(memoLife, func() { cs.forget(name) })
	}
	m.used = time.Now()
	return m
}

func (cs *crews) forget(name string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	m := cs.byBatch[name]
	if m.crew.works() || time.Since(m.used) < memoLife {
		time.AfterFunc(memoLife, func() { cs.forget(name) })
		return
	}
	delete(cs.byBatch, name)
}

func (cs *crews) end(v *view, task string) (end rowEnd, known bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	end, known = cs.memo(v).ends[task]
	return end, known
}

func (cs *crews) keepEnd(v *view, task string, end rowEnd) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.memo(v).ends[task] = end
}

// latest returns the crew that is or was at v's batch, nil if there was none.
func (cs *crews) latest(v *view) *crew {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.memo(v).crew
}

func (cs *crews) working(v *view) bool { return cs.latest(v).works() }

// works reports whether the crew is at its batch. A nil crew is not.
func (c *crew) works() bool {
	if c == nil {
		return false
	}
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// take makes c the crew of v's batch, unless there is one at work or the caller
// has too many.
func (cs *crews) take(v *view, c *crew) (taken bool, warning string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	m := cs.memo(v)
	if m.crew.works() {
		return false, ""
	}
	at := 0
	for _, other := range cs.byBatch {
		if other.caller == v.caller && other.crew.works() {
			at++
		}
	}
	if at >= mostCrews {
		return false, fmt.Sprintf("This server is at %d batches of yours already. The rows wait: call get_batch with continue when one of those is done.", at)
	}
	m.crew = c
	return true, ""
}

// hire has the rows of v's batch started, if nobody does that yet. The work is the
// server's and not the call's: it has the caller's key, not its end.
func (t *toolset) hire(ctx context.Context, v *view) (warning string) {
	work, stop := t.calls.UntilClosing(context.WithoutCancel(ctx))
	c := &crew{t: t, pace: newPace(v.settings.MaxParallel), stop: stop, ended: make(chan struct{})}
	taken, warning := t.crews.take(v, c)
	if !taken {
		stop()
		return warning
	}
	release := t.Client.Hold()
	go func() { // ends with work or with the queue; shutdown waits for it by the hold
		defer release()
		defer close(c.ended)
		defer stop()
		c.work(work, v.batch.ID)
	}()
	return ""
}

// dismiss ends the crew, if it is at work. A start on its way is seen through.
func (c *crew) dismiss() {
	if c.works() {
		c.stop()
	}
}

// work starts rows until none is in the queue.
func (c *crew) work(ctx context.Context, batchID string) {
	v, err := c.t.batchOf(ctx, batchID)
	if err != nil {
		c.halt(ctx, c.t.problems.Explain(err))
		return
	}
	c.mu.Lock()
	c.view = v
	c.mu.Unlock()
	looks, stop := context.WithCancel(ctx)
	defer v.followers.Wait()
	defer stop()
	for ctx.Err() == nil && c.reason() == nil {
		pause, more := c.step(ctx, looks)
		if !more {
			return
		}
		v.pause(ctx, min(pause, seekPause)) // other processes may be at it too
	}
}

// step does what there is to do now, and returns how long nothing will be. There
// is no more when the queue is empty.
func (c *crew) step(ctx, looks context.Context) (pause time.Duration, more bool) {
	v := c.view
	if _, err := v.refresh(ctx); err != nil {
		c.failed(ctx, c.t.problems.Explain(err))
		return leastPace, true
	}
	v.follow(looks)
	given := v.count(func(r *rowSight) bool { return r.State == ledger.RowGivenUp })
	waiting := v.count(queued)
	switch {
	case given > 0: // the batch was stopped, perhaps in another process
		if err := v.giveUp(ctx); err != nil {
			c.failed(ctx, c.t.problems.Explain(err))
		}
		return 0, false
	case waiting == 0:
		return seekPause, v.count(func(r *rowSight) bool { return r.State == ledger.RowStarting }) > 0
	}
	if pause := c.pace.wait(time.Now(), v.count((*rowSight).holds)); pause > 0 {
		return pause, true
	}
	c.startNext(ctx)
	return 0, true
}

// startNext starts the first row of the queue, by the way of every run.
func (c *crew) startNext(ctx context.Context) {
	v := c.view
	holding := v.count((*rowSight).holds)
	row, found, err := c.t.Ledger.ClaimRow(ctx, v.caller, v.batch.ID)
	if err != nil || !found {
		if err != nil {
			c.failed(ctx, c.t.problems.Explain(noLedgerNow(err)))
		}
		return
	}
	run, err := c.t.rowStart(v.batch, v.settings, row)
	if err != nil {
		c.settle(ctx, row, ledger.RowSettlement{State: ledger.RowRefused, Reason: "its inputs cannot be read from the ledger"})
		return
	}
	launching, cancel := context.WithTimeout(ctx, launchTime)
	seen, err := c.t.launch(launching, run)
	cancel()
	if err != nil {
		c.notStarted(ctx, row, holding, err)
		return
	}
	c.settle(ctx, row, ledger.RowSettlement{State: ledger.RowStarted, TaskID: string(seen.task.ID)})
	c.pace.started(time.Now(), holding+1)
	if !seen.deduplicated {
		for _, warning := range seen.warnings {
			v.warn(v.name(row.Number) + ": " + warning)
		}
	}
}

// settle records what came of a row, whatever happens to the crew.
func (c *crew) settle(ctx context.Context, row ledger.Row, s ledger.RowSettlement) {
	if err := c.t.Ledger.SettleRow(context.WithoutCancel(ctx), c.view.caller, c.view.batch.ID, row.Number, s); err != nil {
		c.t.Logger.WarnContext(ctx, "a row of a batch could not be settled", "error", err)
	}
}

// notStarted decides by the error of a row's start what becomes of the row and of
// those behind it.
func (c *crew) notStarted(ctx context.Context, row ledger.Row, holding int, err error) {
	p := c.t.problems.Explain(err)
	if p.Code == problem.CodeStartUnknown {
		p.RetryAfter = 0 // the row is looked for beside the others
	}
	if p.Code == problem.CodeAPIError { // this row's own fault, as far as anybody can tell
		c.settle(ctx, row, ledger.RowSettlement{State: ledger.RowRefused, Reason: sanitize.OneLine(p.Message, maxRowError)})
		c.failed(ctx, p)
		return
	}
	// A row that may have started stays with its run, and is looked for.
	c.settle(ctx, row, ledger.RowSettlement{State: ledger.RowQueued})
	overBudget := p.Code == problem.CodeOverBudget
	switch {
	case ctx.Err() != nil:
	case p.APICode == browseract.CodeTooManyTasks, overBudget && (p.Retryable || holding > 0):
		c.pace.full(time.Now(), holding)
	case p.Retryable, p.Code == problem.CodeStartUnknown, p.Code == problem.CodeLedgerUnavailable:
		c.failed(ctx, p)
	default:
		c.halt(ctx, p)
	}
}

// failed waits before the next try, or gives up if it was one of too many.
func (c *crew) failed(ctx context.Context, p problem.Error) {
	if c.pace.failed(time.Now(), time.Duration(p.RetryAfter)*time.Second) {
		c.halt(ctx, p)
	}
}

// halt leaves the queue as it is, and says why.
func (c *crew) halt(ctx context.Context, p problem.Error) {
	if ctx.Err() != nil {
		return
	}
	c.t.Logger.WarnContext(ctx, "a batch halts", "code", p.Code)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halted = &p
}

func (c *crew) reason() *problem.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.halted
}

// warnings returns what the crew has to say to whoever asks. A nil crew is silent.
func (c *crew) warnings() []string {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	v, halted := c.view, c.halted
	c.mu.Unlock()
	var said []string
	if v != nil {
		v.mu.Lock()
		said = append(said, v.warnings...)
		v.mu.Unlock()
	}
	if halted != nil {
		said = append(said, "No more rows are started: "+halted.Message)
	}
	return said
}
