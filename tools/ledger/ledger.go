// Package ledger remembers the runs that this server asked for, so that none is
// started twice by accident, none is lost by a crash, and budgets hold.
//
// Begin is where to start reading: in one transaction it looks for a run that
// answers the same request, holds the budgets, and writes down the intent. The
// caller then asks BrowserAct once, and says by Settle what came of it.
//
// The ledger knows neither MCP nor HTTP and asks nobody: what a look at a task
// told is brought to it by Observe. It keeps no key and no inputs, only hashes of
// them; the inputs of a batch's rows that still wait are the one exception.
package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// InMemory is the path of a ledger that lives as long as the process.
const InMemory = ":memory:"

// ErrUnavailable is what errors of a ledger are that cannot be read or written
// now. The error is an [*UnavailableError], which says why.
var ErrUnavailable = errors.New("the ledger is unavailable")

// A Ledger remembers runs. It is safe for concurrent use, and several servers on
// one machine may open the same file.
//
// While its file cannot be used, the ledger remembers in the process's memory what
// it is told, so that nothing is started twice within the process. Answers then carry
// a warning: an error that is [ErrUnavailable]. As soon as the file can be used, it
// gets what it has missed. Batches, budgets that are enforced, Spent, Typical and
// Check need the file.
type Ledger struct {
	failover *failover
	now      func() time.Time
	newID    func() int64
	change   *signal // sent each time that a run was settled here
	sweep    sweep
	searches searches
}

// An Option changes how a ledger works.
type Option func(*Ledger)

// WithClock sets what time it is; the default is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(l *Ledger) { l.now = now }
}

// Open returns the ledger in the file at path, or a new one in the process's
// memory for [InMemory]. It touches no file: the first use does, and makes the
// file (mode 0600) and the folders that lack (0700).
func Open(path string, opts ...Option) (*Ledger, error) {
	if path == "" {
		return nil, errors.New("ledger: no path")
	}
	l := &Ledger{now: time.Now, change: newSignal()}
	for _, opt := range opts {
		opt(l)
	}
	l.newID = newIDs(l.now)
	if path == InMemory {
		l.failover = newFailover(newMemory(), l.now)
		return l, nil
	}
	l.failover = newFailover(newFile(path), l.now)
	return l, nil
}

// Close lets go of the file. A ledger that was closed is unavailable; closing it
// again does nothing.
func (l *Ledger) Close() error { return l.failover.main.close() }

// Check says whether the ledger can be read and written now, and makes its file
// if there is none. The error is an [*UnavailableError].
func (l *Ledger) Check(ctx context.Context) error {
	return l.updateMain(ctx, "check", func(t tx) error { return t.touch() })
}

// HashCaller returns what stands for a caller's key: 32 hexadecimal digits, always
// the same ones, from which the key cannot be found.
func HashCaller(key string) string { return hash("caller", key) }

// hash returns 128 bits of a SHA-256 of parts, in hexadecimal digits.
func hash(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// update runs do in a transaction that changes things, all or nothing. degraded says
// why it was not in the file.
func (l *Ledger) update(ctx context.Context, doing string, do func(tx) error) (degraded, err error) {
	degraded, err = l.failover.update(ctx, do)
	return explain(doing, degraded), explain(doing, err)
}

// view runs do in a transaction that only reads. degraded says why it was not in the
// file.
func (l *Ledger) view(ctx context.Context, doing string, do func(tx) error) (degraded, err error) {
	degraded, err = l.failover.view(ctx, do)
	return explain(doing, degraded), explain(doing, err)
}

// updateMain is update for what needs the file.
func (l *Ledger) updateMain(ctx context.Context, doing string, do func(tx) error) error {
	return explain(doing, l.failover.main.update(ctx, do))
}

// viewMain is view for what needs the file.
func (l *Ledger) viewMain(ctx context.Context, doing string, do func(tx) error) error {
	return explain(doing, l.failover.main.view(ctx, do))
}

func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ledger: %s: %w", doing, err)
}

// newIDs returns what makes IDs of runs: they grow with time, and those of different
// processes differ by 21 random bits.
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

// A signal wakes all who wait for it.
type signal struct {
	mu   sync.Mutex
	next chan struct{}
}

func newSignal() *signal { return &signal{next: make(chan struct{})} }

// wait returns a channel that is closed by the next send.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}

func (s *signal) send() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.next)
	s.next = make(chan struct{})
}
