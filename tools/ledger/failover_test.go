package ledger_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestFullDiskKeepsDuplicatesOut(t *testing.T) {
	t.Parallel()
	l := open(t, filePath(t))
	if err := l.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Fill(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	degraded := 0
	for n := 0; degraded < 5; n++ {
		task := fmt.Sprint(n)
		claim, err := l.Begin(t.Context(), aStart(fingerprint(task)))
		if err != nil || claim.Outcome != ledger.Claimed || n > 1000 {
			t.Fatalf("start %d: %s, error %v", n, claim.Outcome, err)
		}
		if claim.Degraded != nil {
			degraded++
		}
		if err := l.Settle(t.Context(), claim.Run.ID, ledger.Settlement{State: ledger.Started, TaskID: task}); err != nil && !errors.Is(err, ledger.ErrUnavailable) {
			t.Fatal(err)
		}
		again, err := l.Begin(t.Context(), aStart(fingerprint(task)))
		if err != nil || again.Outcome != ledger.Duplicate || again.Run.TaskID != task {
			t.Fatalf("start %d once more: %s of %q, error %v", n, again.Outcome, again.Run.TaskID, err)
		}
	}
}

func TestStartThatNeedsTheFileIsRefusedWithoutIt(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	makeFolder(t, path)
	l := open(t, path)
	for name, s := range map[string]ledger.Start{
		"a row of a batch":      aStart(func(s *ledger.Start) { s.BatchID, s.Row = "b", 1 }),
		"one under a limit":     aStart(limited(ledger.Limits{RunsPerDay: 5})),
		"one under credits":     aStart(limited(ledger.Limits{CreditsPerDay: 500})),
		"one under active runs": aStart(limited(ledger.Limits{ActiveRuns: 5})),
	} {
		if _, err := l.Begin(t.Context(), s); !errors.Is(err, ledger.ErrUnavailable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	warned := aStart(limited(ledger.Limits{RunsPerDay: 1, WarnOnly: true}))
	if claim, err := l.Begin(t.Context(), warned); err != nil || claim.Outcome != ledger.Claimed || claim.Degraded == nil {
		t.Errorf("one under a limit that warns: got %s, degraded %v, error %v", claim.Outcome, claim.Degraded, err)
	}
}

func TestFileGetsOnceWhatItHasMissed(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	makeFolder(t, path)
	c := newClock()
	l := open(t, path, c.Now)
	s := aStart(key("k"))
	claim, err := l.Begin(t.Context(), s)
	if err != nil || claim.Degraded == nil {
		t.Fatalf("got %s, degraded %v, error %v", claim.Outcome, claim.Degraded, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c.move(time.Minute)
	for range 2 { // in flight, and settled
		runs, total, err := list(t, l, me, ledger.Filter{}, 1, 10)
		if err != nil || total != 1 || runs[0].Fingerprint != claim.Run.Fingerprint {
			t.Fatalf("got %d runs %+v, error %v", total, runs, err)
		}
		if err := l.Settle(t.Context(), claim.Run.ID, ledger.Settlement{State: ledger.Started, TaskID: "7"}); err != nil {
			t.Fatal(err)
		}
	}
	if run, found, err := open(t, path, c.Now).Run(t.Context(), me, "7"); !found || err != nil || run.State != ledger.Started {
		t.Errorf("got %+v, %v, error %v", run, found, err)
	}
	if again, err := open(t, path, c.Now).Begin(t.Context(), s); err != nil || again.Outcome != ledger.Duplicate || again.Run.TaskID != "7" {
		t.Errorf("the key answers with %s of %q, error %v", again.Outcome, again.Run.TaskID, err)
	}
}

func TestExchangedFileGetsAllRuns(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	l := open(t, path)
	started(t, l, "1")
	open1 := begin(t, l, fingerprint("open")).Run
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, l, open1, ledger.Settlement{State: ledger.Started, TaskID: "2"})
	observe(t, l, "1", ledger.Observation{Status: "finished"})
	report(t, l, "1")
	again := open(t, path)
	if run := runOf(t, again, "1"); run.ReportedAt.IsZero() {
		t.Errorf("got %+v, want its end reported", run)
	}
	if claim := begin(t, again, fingerprint("open")); claim.Outcome != ledger.Duplicate || claim.Run.ID != open1.ID || claim.Run.TaskID != "2" {
		t.Errorf("got %s, %+v", claim.Outcome, claim.Run)
	}
}

// A process that began runs while the file was held leaves the next one a file that
// does not have them.
func TestLedgerRemembersUnlessItsFileLacksRuns(t *testing.T) {
	t.Parallel()
	path, c := filePath(t), newClock()
	synctest.Test(t, func(t *testing.T) {
		remembers := func(want bool, doing string) *ledger.Ledger {
			t.Helper()
			c.move(time.Second)
			l := open(t, path, c.Now)
			claim, err := l.Begin(t.Context(), aStart(again))
			if got := l.Remembers(claim); got != want || err != nil {
				t.Errorf("%s: it remembers: %v, error %v, want %v", doing, got, err, want)
			}
			return l
		}
		remembers(false, "a new file")
		remembers(true, "the file of another process")
		release := hold(t, path)
		l := remembers(false, "a file that is held")
		release()
		remembers(false, "after a process that could not write")
		c.move(time.Minute) // for which the file is left alone
		if _, _, err := list(t, l, me, ledger.Filter{}, 1, 1); err != nil {
			t.Fatal(err)
		}
		remembers(true, "after that process has written it")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		remembers(false, "another file in its place")
	})
}

// Two processes could not write, and one of them recovers while the other ends.
func TestGapOfOneProcessOutlastsThatOfAnother(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	synctest.Test(t, func(t *testing.T) {
		begin(t, open(t, path), fingerprint("before"))
		release := hold(t, path)
		recovers, ends := open(t, path), open(t, path)
		for n, l := range []*ledger.Ledger{recovers, ends} {
			if claim, err := l.Begin(t.Context(), aStart(fingerprint(fmt.Sprint(n)))); claim.Degraded == nil || err != nil {
				t.Fatalf("process %d: degraded by %v, error %v", n, claim.Degraded, err)
			}
		}
		release()
		time.Sleep(time.Minute) // for which the file is left alone
		if _, _, err := list(t, recovers, me, ledger.Filter{}, 1, 1); err != nil {
			t.Fatal(err)
		}
		next := open(t, path)
		if claim := begin(t, next, fingerprint("1")); claim.Outcome != ledger.Claimed || next.Remembers(claim) {
			t.Errorf("got %s, and the ledger remembers: %v; want a start that is looked for in the account", claim.Outcome, next.Remembers(claim))
		}
	})
}

// A start that has waited for the file still has to be sent in the time of its call.
func TestStartWaitsOnceForAHeldFile(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	synctest.Test(t, func(t *testing.T) {
		begin(t, open(t, path), fingerprint("before"))
		release := hold(t, path)
		defer release()
		start := time.Now()
		claim, err := open(t, path).Begin(t.Context(), aStart())
		if took := time.Since(start); claim.Degraded == nil || err != nil || took > ledger.MaxPreparation+2*time.Second {
			t.Errorf("got %s after %v, degraded by %v, error %v", claim.Outcome, took, claim.Degraded, err)
		}
	})
}
