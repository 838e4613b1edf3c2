package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// A failover is a store that may fail, and beside it a memory with the runs that this
// process began or was answered with. While the store cannot be used, the memory takes
// its place; what changes meanwhile is written to the store later.
type failover struct {
	main     store
	fallback *memory // nil beside a main store that is in memory itself
	gap      *gapFile
	now      func() time.Time
	gate     *semaphore.Weighted // held by the one writer
	complete atomic.Bool         // main has the runs of before this process, as far as known

	mu         sync.Mutex
	generation int           // of main when it last had every run of fallback; 0 before
	dirty      map[int64]int // the runs that main does not have as fallback does, and how often they changed
	cause      error         // why main could not be used when it was last tried
	retryAt    time.Time     // main is not tried before
}

func newFailover(main store, fallback *memory, gap *gapFile, now func() time.Time) *failover {
	return &failover{main: main, fallback: fallback, gap: gap, now: now, gate: semaphore.NewWeighted(1), dirty: map[int64]int{}}
}

// errExchanged says that main is another one than the one that got all runs.
var errExchanged = errors.New("the store was exchanged")

// update runs do in main, or in the fallback if main cannot be used; degraded says why.
func (f *failover) update(ctx context.Context, do func(tx) error) (degraded, err error) {
	return f.updateOr(ctx, do, func(error) error { return f.updateFallback(ctx, do) })
}

// updateOr is update with another way to fall back, which gets the cause.
func (f *failover) updateOr(ctx context.Context, do func(tx) error, fallBack func(cause error) error) (degraded, err error) {
	if f.fallback == nil {
		return nil, f.main.update(ctx, do)
	}
	if err := f.gate.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer f.gate.Release(1)
	if err = f.updateMain(ctx, do); f.failed(err) {
		return err, fallBack(err)
	}
	return nil, err
}

// updateSoon is update with at most softTimeout for main: what main does not take in
// that time is written to it later.
func (f *failover) updateSoon(ctx context.Context, do func(tx) error) (degraded, err error) {
	short, cancel := context.WithTimeout(ctx, softTimeout)
	defer cancel()
	degraded, err = f.update(short, do)
	if f.fallback != nil && err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil, f.updateFallback(ctx, do)
	}
	return degraded, err
}

// updateMain runs do in main, after main has got its backlog, and copies the runs that
// do read and changed to the fallback. The gate is held.
func (f *failover) updateMain(ctx context.Context, do func(tx) error) error {
	for {
		generation, err := f.sync(ctx)
		if err != nil {
			return err
		}
		var r recorder
		err = f.main.update(ctx, r.around(func(t tx) error {
			if now, err := f.main.generation(ctx); err != nil || now != generation {
				return cmp.Or(err, errExchanged)
			}
			return do(t)
		}))
		if err == nil {
			f.remember(r)
		}
		if !errors.Is(err, errExchanged) {
			return err
		}
	}
}

// updateFallback runs do in the fallback and adds what do changed to the backlog.
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

// remember copies runs and keys of main to the fallback, but for runs of the backlog.
func (f *failover) remember(r recorder) {
	f.mu.Lock()
	defer f.mu.Unlock()
	runs := slices.DeleteFunc(slices.Concat(r.read, r.saved), func(run Run) bool { return f.dirty[run.ID] > 0 })
	f.fallback.put(runs, r.keys)
}

// view is update for what only reads.
func (f *failover) view(ctx context.Context, do func(tx) error) (degraded, err error) {
	if err = f.ready(ctx); err == nil {
		err = f.main.view(ctx, do)
	}
	if f.failed(err) {
		return err, f.fallback.view(ctx, do)
	}
	return nil, err
}

// find returns the runs of q in main, else those in the fallback. It writes nothing.
func (f *failover) find(ctx context.Context, q query) (runs []Run, err error) {
	read := func(t tx) (err error) {
		runs, err = t.runs(q)
		return err
	}
	if f.cooldown() == nil {
		err = f.main.view(ctx, read)
		if f.failed(err); f.fallback == nil || len(runs) > 0 {
			return runs, err
		}
	}
	err = f.fallback.view(ctx, read)
	return runs, err
}

// prefetch copies what read reads of a main that cannot be written to the fallback.
func (f *failover) prefetch(ctx context.Context, read func(tx) error) {
	ctx, cancel := context.WithTimeout(ctx, softTimeout)
	defer cancel()
	var r recorder
	if f.main.view(ctx, r.around(read)) == nil {
		f.remember(r)
	}
}

// failed reports whether main cannot be used, and then leaves it alone for retryAfter.
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

// A recorder is a transaction that keeps what it reads, changes and binds.
type recorder struct {
	tx
	read, saved []Run
	keys        []boundKey
}

// around returns do with r around its transaction.
func (r *recorder) around(do func(tx) error) func(tx) error {
	return func(t tx) error {
		*r = recorder{tx: t}
		return do(r)
	}
}

func (r *recorder) runs(q query) ([]Run, error) {
	runs, err := r.tx.runs(q)
	r.read = append(r.read, runs...)
	return runs, err
}

func (r *recorder) insert(run Run) error {
	r.saved = append(r.saved, run)
	return r.tx.insert(run)
}

func (r *recorder) save(run Run) error {
	r.saved = append(r.saved, run)
	return r.tx.save(run)
}

func (r *recorder) bind(key boundKey) error {
	r.keys = append(r.keys, key)
	return r.tx.bind(key)
}

func (r *recorder) bound(key string, since time.Time) (boundKey, error) {
	bound, err := r.tx.bound(key, since)
	if bound.run != 0 {
		r.keys = append(r.keys, bound)
	}
	return bound, err
}
