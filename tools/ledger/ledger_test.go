package ledger_test

import (
	"cmp"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// stores are the kinds of stores, and what makes the path of a new one. What holds in
// one, holds in all: a new kind is one more line.
var stores = map[string]func(t *testing.T) string{
	"memory": func(*testing.T) string { return ledger.InMemory },
	"file":   filePath,
}

// eachStore runs test in every store.
func eachStore(t *testing.T, test func(t *testing.T, path string)) {
	t.Helper()
	for name, newPath := range stores {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, newPath(t)) })
	}
}

// filePath is where no ledger is yet, nor its folder.
func filePath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "state", "ledger.db")
}

func open(t *testing.T, path string, now ...func() time.Time) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenWithClock(path, append(now, time.Now)[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

var me, otherCaller = ledger.HashCaller("app-mine"), ledger.HashCaller("app-theirs")

func aStart(changes ...func(*ledger.Start)) ledger.Start {
	s := ledger.Start{
		Caller: me, Kind: ledger.Workflow, TargetID: "7001", Fingerprint: "same",
		InputShapes: []string{"shape 1", "shape 2"}, Reserve: 100,
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func fingerprint(f string) func(*ledger.Start) {
	return func(s *ledger.Start) { s.Fingerprint = f }
}

func key(k string) func(*ledger.Start) {
	return func(s *ledger.Start) { s.IdempotencyKey = k }
}

func limited(m ledger.Limits) func(*ledger.Start) {
	return func(s *ledger.Start) { s.Limits = m }
}

func by(caller string) func(*ledger.Start) {
	return func(s *ledger.Start) { s.Caller = caller }
}

func again(s *ledger.Start) { s.AllowDuplicate = true }

func begin(t *testing.T, l *ledger.Ledger, changes ...func(*ledger.Start)) ledger.Claim {
	t.Helper()
	claim, err := l.Begin(t.Context(), aStart(changes...))
	if err != nil || claim.Degraded != nil {
		t.Fatal(err, claim.Degraded)
	}
	return claim
}

func settle(t *testing.T, l *ledger.Ledger, run ledger.Run, s ledger.Settlement) {
	t.Helper()
	if err := l.Settle(t.Context(), run.ID, s); err != nil {
		t.Fatal(err)
	}
}

// started begins a run that becomes task.
func started(t *testing.T, l *ledger.Ledger, task string, changes ...func(*ledger.Start)) {
	t.Helper()
	claim := begin(t, l, changes...)
	if claim.Outcome != ledger.Claimed {
		t.Fatalf("the start of task %s: got %s, want %s", task, claim.Outcome, ledger.Claimed)
	}
	settle(t, l, claim.Run, ledger.Settlement{State: ledger.Started, TaskID: task})
}

func runOf(t *testing.T, l *ledger.Ledger, task string) ledger.Run {
	t.Helper()
	run, found, err := l.Run(t.Context(), me, task)
	if err != nil || !found {
		t.Fatalf("the run of task %s: found %v, error %v", task, found, err)
	}
	return run
}

func observe(t *testing.T, l *ledger.Ledger, task string, o ledger.Observation) {
	t.Helper()
	if err := l.Observe(t.Context(), me, task, o); err != nil {
		t.Fatal(err)
	}
}

// report records that an answer with the task was delivered.
func report(t *testing.T, l *ledger.Ledger, task string) {
	t.Helper()
	if err := l.MarkReported(t.Context(), me, task); err != nil {
		t.Fatal(err)
	}
}

// list returns a page of the caller's runs and their number, from the file alone.
func list(t *testing.T, l *ledger.Ledger, caller string, f ledger.Filter, page, limit int) ([]ledger.Run, int, error) {
	t.Helper()
	p, err := l.List(t.Context(), caller, f, page, limit)
	return p.Runs, p.Total, cmp.Or(err, p.Degraded)
}

func TestHashCallerHidesTheKey(t *testing.T) {
	t.Parallel()
	if len(me) != 32 || me == otherCaller || me != ledger.HashCaller("app-mine") {
		t.Errorf("got %q and %q, want two different hashes of 32 digits", me, otherCaller)
	}
}

func TestLedgerWorksInABubble(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		synctest.Test(t, func(t *testing.T) {
			l := open(t, path)
			run := begin(t, l).Run
			go func() {
				time.Sleep(5 * time.Second)
				settle(t, l, run, ledger.Settlement{State: ledger.Started, TaskID: "1"})
			}()
			from := time.Now()
			settled, err := l.Await(t.Context(), run.ID)
			if err != nil || settled.TaskID != "1" || time.Since(from) != 5*time.Second {
				t.Errorf("got task %q after %v, error %v, want 1 after 5s", settled.TaskID, time.Since(from), err)
			}
		})
	})
}

func TestOpenWithoutAPathIsRefused(t *testing.T) {
	t.Parallel()
	if l, err := ledger.Open(""); err == nil {
		t.Errorf("got %v, want an error", l)
	}
}
