// Package ledger records the runs that this server starts, so that none is started
// twice by accident, none is lost by a crash, and budgets hold.
//
// Begin is where to start reading: in one transaction it finds a run that answers the
// same request, checks the budgets, and records the intent. The caller then sends the
// start once, and reports by Settle what came of it. Failover is inside: failover.go
// puts a memory beside the file, and store.go is what another store has to implement.
//
// The ledger knows neither MCP nor HTTP and sends no requests: what is known of a task
// is brought to it by Observe. It keeps no key and no inputs, only hashes of them; the
// inputs of a batch's queued rows are the one exception.
package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// InMemory is the path of a ledger that lives as long as the process.
const InMemory = ":memory:"

// ErrUnavailable says that the ledger's file cannot be read or written now. Such an
// error is an [*UnavailableError], which has the reason.
var ErrUnavailable = errors.New("the ledger is unavailable")

// A Ledger records runs. It is safe for concurrent use, and several servers on one
// machine may open the same file.
//
// While its file cannot be used, it works in the process's memory, with what this
// process has begun or was answered with, so that nothing is started twice within the
// process; the file gets later what it has missed. Answers then carry a warning, which
// is ErrUnavailable. Batches, enforced limits, Spent, Typical and Check need the file.
type Ledger struct {
	failover *failover
	now      func() time.Time
	newID    func() int64
	firstID  int64                         // no run that this Ledger begins has a smaller ID
	settled  atomic.Pointer[chan struct{}] // closed and replaced whenever a run was settled here
	searches searches
	pruned   atomic.Int64 // when old runs were last deleted, in milliseconds
}

// Open returns the ledger in the file at path, or a new one in the process's memory
// for [InMemory]. It touches no file: the first use does, and makes the file (mode
// 0600) and its folders (0700).
func Open(path string) (*Ledger, error) { return open(path, time.Now) }

func open(path string, now func() time.Time) (*Ledger, error) {
	if path == "" {
		return nil, errors.New("ledger: no path")
	}
	l := &Ledger{now: now, newID: newIDs(now)}
	l.settled.Store(new(make(chan struct{})))
	l.firstID = l.newID()
	if path == InMemory {
		l.failover = newFailover(newMemory(), nil, nil, l.now)
	} else {
		l.failover = newFailover(newFile(path), newMemory(), &gapFile{prefix: path + "-gap"}, l.now)
	}
	return l, nil
}

// Close closes the file. A closed ledger is unavailable; closing it again does nothing.
func (l *Ledger) Close() error { return l.failover.main.close() }

// Check reports whether the ledger can be read and written now, and makes its file if
// there is none. The error is an [*UnavailableError].
func (l *Ledger) Check(ctx context.Context) error {
	return l.updateMain(ctx, "check", func(t tx) error { return t.touch() })
}

// prune deletes what is old, once in pruneInterval. The next use reports a failure.
func (l *Ledger) prune(ctx context.Context, mainToo bool) {
	now, last := stamp(l.now()), l.pruned.Load()
	if now.UnixMilli()-last < pruneInterval.Milliseconds() || !l.pruned.CompareAndSwap(last, now.UnixMilli()) {
		return
	}
	if mainToo {
		_ = l.failover.main.update(ctx, func(t tx) error { return t.prune(now.Add(-retention), now.Add(-queueRetention)) })
	}
	if f := l.failover.fallback; f != nil {
		_ = f.update(ctx, func(t tx) error { return t.prune(now.Add(-fallbackRetention), now) })
	}
}

// updateMain runs do in a transaction of what needs the file.
func (l *Ledger) updateMain(ctx context.Context, doing string, do func(tx) error) error {
	return explain(doing, l.failover.main.update(ctx, do))
}

// viewMain runs do in a transaction that reads what needs the file.
func (l *Ledger) viewMain(ctx context.Context, doing string, do func(tx) error) error {
	return explain(doing, l.failover.main.view(ctx, do))
}

func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ledger: %s: %w", doing, err)
}

// HashCaller returns what stands for a caller's key: 32 hexadecimal digits, always the
// same ones, from which the key cannot be found.
func HashCaller(key string) string { return hash("caller", key) }

// hash returns 128 bits of a SHA-256 of parts, in hexadecimal digits.
func hash(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// newIDs returns a source of IDs for runs. They grow with time, so that they sort like
// the runs, and have 21 random bits, so that processes do not choose the same ones.
func newIDs(now func() time.Time) func() int64 {
	const bits = 21
	var mu sync.Mutex
	var last int64
	return func() int64 {
		mu.Lock()
		defer mu.Unlock()
		last = max(last+1, now().UnixMilli()<<bits+rand.Int64N(1<<bits))
		return last
	}
}
