package ledger

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
)

// A failover is a store that may fail, with a copy in memory of the runs that this
// process began or was answered with. While the store cannot be used, the copy takes
// its place; what it learns meanwhile is written to the store later. Runs have the
// same ID in both.
type failover struct {
	main     store
	fallback *memory // nil beside a main store that cannot fail
	now      func() time.Time
	gate     chan struct{} // held by the one writer

	mu         sync.Mutex
	generation int           // of main when it last had every run of fallback; 0 before the first time
	dirty      map[int64]int // runs of fallback that main does not have as they are, and how often they changed
	cause      error         // why main could not be used when it was last tried
	retryAt    time.Time     // main is not tried before
	gap        bool          // this process has noted that main lacks runs
}

func newFailover(main store, now func() time.Time) *failover {
	f := &failover{main: main, now: now, gate: make(chan struct{}, 1), dirty: map[int64]int{}}
	if _, inMemory := main.(*memory); !inMemory {
		f.fallback = newMemory()
	}
	return f
}

// update runs do in a transaction that changes things, all or nothing, in main, or
// in the fallback if main cannot be used. degraded says why it cannot.
func (f *failover) update(ctx context.Context, do func(tx) error) (degraded, err error) {
	if f.fallback == nil {
		return nil, f.main.update(ctx, do)
	}
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	defer f.leave()
	err = f.updateMain(ctx, do)
	switch {
	case f.failed(err):
		return err, f.updateFallback(ctx, do)
	case errors.Is(err, ErrNoRun): // unless main was exchanged a moment ago
		if fallbackErr := f.updateFallback(ctx, do); fallbackErr != nil {
			return nil, err
		}
		err = f.sync(ctx)
		f.failed(err)
		return err, nil
	default:
		return nil, err
	}
}

// updateSoon is update, with at most softTimeout for main. What main does not take
// in that time it is told later.
func (f *failover) updateSoon(ctx context.Context, do func(tx) error) (degraded, err error) {
	short, cancel := context.WithTimeout(ctx, softTimeout)
	defer cancel()
	degraded, err = f.update(short, do)
	if f.fallback != nil && err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil, f.updateFallback(ctx, do)
	}
	return degraded, err
}

// view runs do in a transaction that only reads, in main, or in the fallback if main
// cannot be used. degraded says why it cannot.
func (f *failover) view(ctx context.Context, do func(tx) error) (degraded, err error) {
	if f.fallback == nil {
		return nil, f.main.view(ctx, do)
	}
	err = f.syncIfNeeded(ctx)
	if err == nil {
		err = f.main.view(ctx, do)
	}
	if f.failed(err) {
		return err, f.fallback.view(ctx, do)
	}
	return nil, err
}

// prefetch brings to the fallback what can still be read of a caller's runs in a main
// that cannot be written.
func (f *failover) prefetch(ctx context.Context, caller string) {
	if f.fallback == nil || f.syncIfNeeded(ctx) == nil {
		return
	}
	short, cancel := context.WithTimeout(ctx, softTimeout)
	defer cancel()
	var runs []Run
	err := f.main.view(short, func(t tx) (err error) {
		runs, err = t.runs(query{caller: caller, live: true})
		return err
	})
	if err == nil {
		f.remember(runs, nil)
	}
}

// updateMain runs do in main after main has got what it lacks, and copies what do
// changed to the fallback. The gate is held.
func (f *failover) updateMain(ctx context.Context, do func(tx) error) error {
	if err := f.sync(ctx); err != nil {
		return err
	}
	var r recorder
	if err := f.main.update(ctx, r.around(do)); err != nil {
		return err
	}
	f.remember(r.saved, r.keys)
	return nil
}

// updateFallback runs do in the fallback, and notes that main lacks what do changed.
func (f *failover) updateFallback(ctx context.Context, do func(tx) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var r recorder
	if err := f.fallback.update(ctx, r.around(do)); err != nil {
		return err
	}
	for _, run := range r.saved {
		f.dirty[run.ID]++
	}
	return nil
}

// beginMain is updateMain for a start that main has to know all runs for: a start that
// was claimed in a file which had just been exchanged is refused there, and tried again.
func (f *failover) beginMain(ctx context.Context, do func(tx) error, claim *Claim) error {
	for {
		if err := f.updateMain(ctx, do); err != nil || claim.Outcome != Claimed {
			return err
		}
		if _, exchanged, _, err := f.lacks(ctx); err == nil && !exchanged {
			return nil
		}
		if err := f.updateFallback(ctx, func(t tx) error { return Settlement{State: Refused}.settle(t, claim.Run) }); err != nil {
			return err
		}
	}
}

// remember copies runs and keys of main to the fallback, where it does not know more.
func (f *failover) remember(runs []Run, keys []boundKey) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fallback.put(runs, keys, func(id int64) bool { return f.dirty[id] == 0 })
}

func (f *failover) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case f.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *failover) leave() { <-f.gate }

// failed reports whether err says that main cannot be used, and then leaves main
// alone for retryAfter.
func (f *failover) failed(err error) bool {
	if f.fallback == nil || !errors.Is(err, ErrUnavailable) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cause = err
	if now := f.now(); now.After(f.retryAt) {
		f.retryAt = now.Add(retryAfter)
	}
	return true
}

// cooldown returns why main is left alone for now, nil if it is not.
func (f *failover) cooldown() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now().Before(f.retryAt) {
		return f.cause
	}
	return nil
}

// lacks returns main's generation, whether it is a new one, and what main lacks.
func (f *failover) lacks(ctx context.Context) (generation int, exchanged bool, dirty map[int64]int, err error) {
	if err := f.cooldown(); err != nil {
		return 0, false, nil, err
	}
	if generation, err = f.main.generation(ctx); err != nil {
		return 0, false, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return generation, generation != f.generation, maps.Clone(f.dirty), nil
}

// syncIfNeeded is sync for a caller that does not hold the gate.
func (f *failover) syncIfNeeded(ctx context.Context) error {
	if f.fallback == nil {
		return nil
	}
	_, exchanged, dirty, err := f.lacks(ctx)
	if err == nil && (exchanged || len(dirty) > 0) {
		if err := f.enter(ctx); err != nil {
			return err
		}
		defer f.leave()
		err = f.sync(ctx)
	}
	f.failed(err)
	return err
}

// sync writes to main what it lacks: the runs that changed while it could not be
// used, or, if it is new to this process, all runs. The gate is held.
func (f *failover) sync(ctx context.Context) error {
	generation, exchanged, dirty, err := f.lacks(ctx)
	if err != nil || !exchanged && len(dirty) == 0 {
		return err
	}
	runs, keys := f.fallback.all(func(id int64) bool { return exchanged || dirty[id] > 0 })
	var r recorder
	if len(runs) > 0 {
		now := stamp(f.now())
		err = f.main.update(ctx, r.around(func(t tx) error { return importRuns(t, runs, keys, now) }))
	}
	if err != nil {
		return err
	}
	f.synced(generation, dirty)
	f.remember(r.saved, nil)
	return nil
}

// synced notes what main has got.
func (f *failover) synced(generation int, written map[int64]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.generation = generation
	maps.DeleteFunc(f.dirty, func(id int64, changes int) bool { return changes == written[id] })
	if file, ok := f.main.(*file); ok && f.gap && len(f.dirty) == 0 {
		file.closeGap()
		f.gap = false
	}
}

// noteGap notes for later processes that main lacks runs.
func (f *failover) noteGap() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if file, ok := f.main.(*file); ok {
		f.gap = file.noteGap() || f.gap
	}
}

// A recorder is a transaction that keeps what it changes.
type recorder struct {
	tx
	saved []Run
	keys  []boundKey
}

// A boundKey is an idempotency key, as the ledger keeps it, and the run that it
// belongs to.
type boundKey struct {
	key  string
	run  int64
	from time.Time
}

// around returns do with r around its transaction.
func (r *recorder) around(do func(tx) error) func(tx) error {
	return func(t tx) error {
		*r = recorder{tx: t}
		return do(r)
	}
}

func (r *recorder) insert(run Run) error {
	r.saved = append(r.saved, run)
	return r.tx.insert(run)
}

func (r *recorder) save(run Run) error {
	r.saved = append(r.saved, run)
	return r.tx.save(run)
}

func (r *recorder) bind(key string, run int64, from time.Time) error {
	r.keys = append(r.keys, boundKey{key, run, from})
	return r.tx.bind(key, run, from)
}
