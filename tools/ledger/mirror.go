package ledger

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// restAfter is for how long a file that failed is left alone.
	restAfter = 5 * time.Second
	// aside is how long something may take that can be made up for later.
	aside = time.Second
	// mirrorLife is for how long a mirror keeps runs that are over: as long as an
	// idempotency key answers.
	mirrorLife = keyLife + time.Hour
)

// A Mirror is a ledger and what this process remembers beside it: the runs that it
// was told of by the ledger, and those that it began while the ledger could not be
// used. So a ledger that fails in the middle of its life, or whose file is deleted,
// costs the guard nothing of what this process has started. As soon as the file can
// be used, it gets to know what it has missed.
//
// A run is settled in the ledger that its Begin named.
type Mirror struct {
	main  *Ledger
	spare *Ledger       // in memory; nil beside a ledger that cannot fail
	gate  chan struct{} // has one: a Begin at a time sees what both ledgers know

	mu      sync.Mutex
	opening int             // of the file that main's IDs are of; 0 before the first
	twins   map[int64]int64 // the spare's ID of a run that is not settled, by main's
	missed  map[int64]bool  // the spare's IDs of runs that main does not know well
	gap     bool            // this process has noted that main misses runs
	trouble error           // why main could not be used when it was last tried
	rests   time.Time       // until then it is not tried again
}

// NewMirror returns a mirror of main. Beside a ledger in memory it remembers
// nothing, since that one does not fail.
func NewMirror(main *Ledger) (*Mirror, error) {
	m := &Mirror{main: main, gate: make(chan struct{}, 1), twins: map[int64]int64{}, missed: map[int64]bool{}}
	if _, inMemory := main.store.(*memory); inMemory {
		return m, nil
	}
	var err error
	m.spare, err = Open(InMemory, WithClock(main.now))
	if err != nil {
		return nil, err
	}
	m.spare.keep = mirrorLife
	return m, nil
}

// A Place is a ledger that answered, and why it was not the file; nil if it was.
type Place struct {
	Ledger  *Ledger
	Trouble error
}

// Begin is [Ledger.Begin]. Where the file cannot be used the memory answers, unless
// the start needs the file: the row of a batch does, and one that limits hold back.
func (m *Mirror) Begin(ctx context.Context, s Start) (Claim, Place, error) {
	if m.spare == nil {
		claim, err := m.main.Begin(ctx, s)
		return claim, Place{Ledger: m.main}, err
	}
	if err := m.enter(ctx); err != nil {
		return Claim{}, Place{}, explain("begin", err)
	}
	defer m.leave()
	claim, err := m.beginMain(ctx, s)
	if err == nil {
		m.note(ctx, s, claim)
		return claim, Place{Ledger: m.main}, nil
	}
	if !m.failed(err) || s.BatchID != "" || s.Limits.hold() {
		return Claim{}, Place{}, err
	}
	m.learn(ctx, s)
	claim, spareErr := m.spare.Begin(ctx, s)
	m.miss(claim.Run.ID)
	m.noteGap(claim.Outcome == Claimed)
	return claim, Place{m.spare, err}, spareErr
}

// noteGap notes for processes after this one that the file misses runs.
func (m *Mirror) noteGap(misses bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if file, ok := m.main.store.(*file); ok && misses {
		m.gap = file.noteGap() || m.gap
	}
}

// closeGap notes that the file misses none any more. mu is held.
func (m *Mirror) closeGap() {
	if file, ok := m.main.store.(*file); ok && m.gap {
		file.closeGap()
		m.gap = false
	}
}

// Remembers says whether a place knows the caller's runs that were begun before this
// process and may be under way: it has some that are no older than a run can be. Where
// it has none, they may be in another ledger.
func (m *Mirror) Remembers(ctx context.Context, p Place, caller string) bool {
	return p.Ledger == m.main && m.main.store.older(ctx, caller, stamp(m.main.now().Add(-MaxRun)))
}

func (m *Mirror) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case m.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Mirror) leave() { <-m.gate }

// beginMain asks the file, after it has been told what it does not know. The gate
// is held.
func (m *Mirror) beginMain(ctx context.Context, s Start) (Claim, error) {
	if err := m.resting(); err != nil {
		return Claim{}, err
	}
	for {
		opening, err := m.catchUp(ctx)
		if err != nil {
			return Claim{}, err
		}
		claim, err := m.main.Begin(ctx, s)
		if err != nil || claim.Outcome != Claimed {
			return claim, err
		}
		if now, err := m.main.store.opening(ctx); err == nil && now == opening {
			return claim, nil
		}
		// The file was exchanged between two looks, and this one knew nothing.
		if err := m.main.Settle(ctx, claim.Run.ID, Settlement{State: Refused}); err != nil {
			return Claim{}, err
		}
	}
}

// resting returns why the file is left alone for now; nil if it is not.
func (m *Mirror) resting() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.main.now().Before(m.rests) {
		return m.trouble
	}
	return nil
}

// Failed says whether err is of a file that cannot be used. If so the memory answers
// for it the next time.
func (m *Mirror) Failed(err error) bool { return m.spare != nil && m.failed(err) }

// failed is Failed where there is a memory.
func (m *Mirror) failed(err error) bool {
	if !errors.Is(err, ErrUnavailable) {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trouble = err
	if now := m.main.now(); now.After(m.rests) {
		m.rests = now.Add(restAfter)
	}
	return true
}

// miss notes that the file does not know a run of the memory well.
func (m *Mirror) miss(spareID int64) {
	if spareID == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missed[spareID] = true
}

// CatchUp tells the file what it has missed, if anything.
func (m *Mirror) CatchUp(ctx context.Context) error {
	if m.spare == nil {
		return nil
	}
	if err := m.resting(); err != nil {
		return err
	}
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.leave()
	_, err := m.catchUp(ctx)
	m.failed(err)
	return err
}

// catchUp is CatchUp with the gate held. It returns the opening of the file that
// has everything now. A file that is new to this process is told of all runs.
func (m *Mirror) catchUp(ctx context.Context) (opening int, err error) {
	if opening, err = m.main.store.opening(ctx); err != nil {
		return 0, explain("open", err)
	}
	m.mu.Lock()
	exchanged, missed := opening != m.opening, m.missed
	m.missed = map[int64]bool{}
	m.mu.Unlock()
	if !exchanged && len(missed) == 0 {
		return opening, nil
	}
	runs, ids, err := m.bringToMain(ctx, func(run Run) bool { return exchanged || missed[run.ID] })
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		maps.Copy(m.missed, missed)
		return 0, err
	}
	if exchanged {
		m.opening = opening
		clear(m.twins)
	}
	for n, run := range runs {
		if run.unsettled() {
			m.twins[ids[n]] = run.ID
		}
	}
	if len(m.missed) == 0 {
		m.closeGap()
	}
	return opening, nil
}

// bringToMain brings runs of the memory to the file. Starts that did not happen are
// brought too: the file may take them for open ones.
func (m *Mirror) bringToMain(ctx context.Context, wanted func(Run) bool) (runs []Run, ids []int64, err error) {
	if runs, err = m.spare.list(ctx, query{}); err != nil {
		return nil, nil, err
	}
	runs = slices.DeleteFunc(runs, func(run Run) bool { return !wanted(run) })
	if len(runs) == 0 {
		return nil, nil, nil
	}
	ids, err = m.main.bring(ctx, runs, m.spare.bindings())
	return runs, ids, err
}

// note remembers what the file said of a start.
func (m *Mirror) note(ctx context.Context, s Start, claim Claim) {
	if claim.Outcome != Claimed && claim.Outcome != Duplicate {
		return
	}
	m.remember(ctx, s, claim.Run)
}

// remember brings a run of the file to memory, and binds the start's key to it.
func (m *Mirror) remember(ctx context.Context, s Start, run Run) {
	var keys []boundKey
	if s.IdempotencyKey != "" {
		keys = []boundKey{{s.key(), run.ID, stamp(m.main.now())}}
	}
	ids, err := m.spare.bring(context.WithoutCancel(ctx), []Run{run}, keys)
	if err != nil || !run.unsettled() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.twins[run.ID] = ids[0]
}

// learn remembers what a file that cannot be written can still tell: runs of other
// processes, and of those before this one.
func (m *Mirror) learn(ctx context.Context, s Start) {
	ctx, cancel := context.WithTimeout(ctx, aside)
	defer cancel()
	claim, err := m.main.look(ctx, s)
	if err == nil && claim.Outcome != "" {
		m.remember(ctx, s, claim.Run)
	}
}

// Settle is [Ledger.Settle] of a run in the ledger where it was begun. What the file
// could not be told it is told later.
func (m *Mirror) Settle(ctx context.Context, in *Ledger, runID int64, s Settlement) error {
	switch {
	case m.spare == nil:
		return in.Settle(ctx, runID, s)
	case in == m.spare:
		err := m.spare.Settle(ctx, runID, s)
		m.miss(runID)
		_ = m.CatchUp(ctx) // somebody may wait for it there
		return err
	}
	told, err := m.settleMain(ctx, runID, s)
	if err != nil && !m.failed(err) {
		return err
	}
	twin := m.twin(runID, told && s.State != Unknown)
	if twin == 0 {
		return err
	}
	_ = m.spare.Settle(ctx, twin, s) // what does not fit there does not fit in main
	if !told {
		m.miss(twin)
		_ = m.CatchUp(ctx)
	}
	return err
}

// twin returns the spare's ID of a run that is not settled, by main's; 0 for none.
func (m *Mirror) twin(runID int64, forget bool) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	twin := m.twins[runID]
	if forget {
		delete(m.twins, runID)
	}
	return twin
}

// settleMain settles a run in the file, and says whether it did: the file may have
// been exchanged for one with other runs.
func (m *Mirror) settleMain(ctx context.Context, runID int64, s Settlement) (told bool, err error) {
	if err := m.resting(); err != nil {
		return false, err
	}
	if exchanged, err := m.exchanged(ctx); err != nil || exchanged {
		return false, err
	}
	err = m.main.Settle(ctx, runID, s)
	return err == nil, err
}

// exchanged says whether the file is another one than the IDs of main are of.
func (m *Mirror) exchanged(ctx context.Context) (bool, error) {
	opening, err := m.main.store.opening(ctx)
	if err != nil {
		return false, explain("open", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.opening != 0 && opening != m.opening, nil
}

// Observe is [Ledger.Observe]. It takes about a second at the most: what the file
// was not told in that time it is told later.
func (m *Mirror) Observe(ctx context.Context, caller, taskID string, o Observation) error {
	if m.spare == nil {
		return m.main.Observe(ctx, caller, taskID, o)
	}
	_ = m.spare.Observe(ctx, caller, taskID, o) // memory does not fail
	err := m.observeMain(ctx, caller, taskID, o)
	if err == nil {
		return nil
	}
	if run, found, _ := m.spare.Run(ctx, caller, taskID); found {
		m.miss(run.ID)
	}
	if !m.failed(err) && ctx.Err() == nil {
		return nil // it took too long
	}
	return err
}

func (m *Mirror) observeMain(ctx context.Context, caller, taskID string, o Observation) error {
	if err := m.resting(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, aside)
	defer cancel()
	if exchanged, err := m.exchanged(ctx); err != nil || exchanged {
		return cmp.Or(err, m.CatchUp(ctx))
	}
	return m.main.Observe(ctx, caller, taskID, o)
}

// Run is [Ledger.Run], of the memory where the file knows nothing.
func (m *Mirror) Run(ctx context.Context, caller, taskID string) (Run, bool, error) {
	if m.spare == nil {
		return m.main.Run(ctx, caller, taskID)
	}
	if m.resting() == nil {
		run, found, err := m.main.Run(ctx, caller, taskID)
		if m.failed(err); found {
			return run, true, nil
		}
	}
	return m.spare.Run(ctx, caller, taskID)
}

// Readable returns where the caller's runs can be read: in the file, after it was
// told what it has missed, or else in the memory, after it was told what can still
// be read of the file.
func (m *Mirror) Readable(ctx context.Context, caller string) Place {
	if m.spare == nil {
		return Place{Ledger: m.main}
	}
	err := m.CatchUp(ctx)
	if !errors.Is(err, ErrUnavailable) {
		return Place{Ledger: m.main}
	}
	short, cancel := context.WithTimeout(ctx, aside)
	defer cancel()
	if runs, err := m.main.list(short, query{caller: caller, live: true}); err == nil {
		slices.Reverse(runs) // the oldest first, as they were begun
		_, _ = m.spare.bring(ctx, runs, nil)
	}
	return Place{m.spare, err}
}
