package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func newBatch(t *testing.T, l *ledger.Ledger, rows int) {
	t.Helper()
	b := ledger.Batch{ID: "b1", Caller: me, Kind: ledger.Workflow, TargetID: "7001", Settings: json.RawMessage(`{"profile":"p"}`)}
	for n := range rows {
		b.Rows = append(b.Rows, ledger.Row{Inputs: json.RawMessage(fmt.Sprintf(`{"query":"secret %d"}`, n+1))})
	}
	if err := l.NewBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func batchOf(t *testing.T, l *ledger.Ledger) ledger.Batch {
	t.Helper()
	b, found, err := l.Batch(t.Context(), me, "b1")
	if err != nil || !found {
		t.Fatalf("found %v, error %v", found, err)
	}
	return b
}

// rowsOf returns each row's state, and its task or reason.
func rowsOf(t *testing.T, l *ledger.Ledger) []string {
	t.Helper()
	var rows []string
	for _, row := range batchOf(t, l).Rows {
		rows = append(rows, string(row.State)+" "+row.TaskID+row.Reason)
	}
	return rows
}

func wantRows(t *testing.T, l *ledger.Ledger, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, rowsOf(t, l)); diff != "" {
		t.Error(diff)
	}
}

func claimRow(t *testing.T, l *ledger.Ledger) ledger.Row {
	t.Helper()
	row, found, err := l.ClaimRow(t.Context(), me, "b1")
	if err != nil || !found {
		t.Fatalf("found %v, error %v", found, err)
	}
	return row
}

// row is the start of a row of the batch; that an identical run is known does not
// stop it.
func row(number int) func(*ledger.Start) {
	return func(s *ledger.Start) { s.BatchID, s.Row, s.AllowDuplicate = "b1", number, true }
}

func settleRow(t *testing.T, l *ledger.Ledger, number int, s ledger.RowSettlement) {
	t.Helper()
	if err := l.SettleRow(t.Context(), me, "b1", number, s); err != nil {
		t.Fatal(err)
	}
}

func giveUp(t *testing.T, l *ledger.Ledger, want int) {
	t.Helper()
	if n, err := l.GiveUpRows(t.Context(), me, "b1"); n != want || err != nil {
		t.Errorf("got %d rows given up, error %v, want %d", n, err, want)
	}
}

func TestBatchKeepsItsFields(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		newBatch(t, l, 2)
		want := ledger.Batch{
			ID: "b1", Caller: me, Kind: ledger.Workflow, TargetID: "7001",
			Settings: json.RawMessage(`{"profile":"p"}`), CreatedAt: c.Now(),
			Rows: []ledger.Row{{Number: 1, State: ledger.RowQueued}, {Number: 2, State: ledger.RowQueued}},
		}
		if diff := cmp.Diff(want, batchOf(t, l), cmpopts.IgnoreUnexported(ledger.Row{})); diff != "" {
			t.Error(diff)
		}
		for name, b := range map[string]ledger.Batch{
			"the same id":          {ID: "b1", Caller: me, Rows: []ledger.Row{{Inputs: json.RawMessage(`{}`)}}},
			"a row without inputs": {ID: "b2", Caller: me, Rows: []ledger.Row{{}}},
		} {
			if err := l.NewBatch(t.Context(), b); err == nil || errors.Is(err, ledger.ErrUnavailable) {
				t.Errorf("a second batch with %s: got error %v", name, err)
			}
		}
		wantRows(t, l, "queued ", "queued ")
		if _, found, err := l.Batch(t.Context(), otherCaller, "b1"); found || err != nil {
			t.Errorf("another caller: found %v, error %v", found, err)
		}
		if _, _, err := l.ClaimRow(t.Context(), otherCaller, "b1"); err == nil {
			t.Error("another caller claimed a row")
		}
	})
}

func TestRowHasTheStateOfItsRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		newBatch(t, l, 6)
		for n := 1; n <= 5; n++ {
			if got := claimRow(t, l); got.Number != n || string(got.Inputs) != fmt.Sprintf(`{"query":"secret %d"}`, n) {
				t.Fatalf("got row %d with %s, want row %d", got.Number, got.Inputs, n)
			}
		}
		settle(t, l, begin(t, l, row(1)).Run, answered)
		settle(t, l, begin(t, l, row(2)).Run, unknown)
		begin(t, l, row(3))
		settle(t, l, begin(t, l, row(4)).Run, refused)
		settleRow(t, l, 4, ledger.RowSettlement{State: ledger.RowRefused, Reason: "no credits"})
		settleRow(t, l, 5, ledger.RowSettlement{State: ledger.RowStarted, TaskID: "known"})
		want := []string{"started answered", "starting ", "starting ", "refused no credits", "started known", "queued "}
		wantRows(t, l, want...)

		for n := range 5 { // what has a run or is over stays as it is
			settleRow(t, l, n+1, ledger.RowSettlement{State: ledger.RowGivenUp})
		}
		giveUp(t, l, 1)
		want[5] = "given_up "
		wantRows(t, l, want...)
		if row, found, err := l.ClaimRow(t.Context(), me, "b1"); found || err != nil {
			t.Errorf("got row %d, error %v, want none", row.Number, err)
		}
	})
}

func TestRowIsQueuedAgain(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(t *testing.T, l *ledger.Ledger, c *clock){
		"put back": func(t *testing.T, l *ledger.Ledger, _ *clock) {
			t.Helper()
			settleRow(t, l, 1, ledger.RowSettlement{State: ledger.RowQueued})
		},
		"claimed and forgotten": func(_ *testing.T, _ *ledger.Ledger, c *clock) { c.move(time.Second) },
		"refused and put back": func(t *testing.T, l *ledger.Ledger, _ *clock) {
			t.Helper()
			settle(t, l, begin(t, l, row(1)).Run, refused)
			settleRow(t, l, 1, ledger.RowSettlement{State: ledger.RowQueued})
		},
		"refused and forgotten": func(t *testing.T, l *ledger.Ledger, c *clock) {
			t.Helper()
			settle(t, l, begin(t, l, row(1)).Run, refused)
			c.move(time.Second)
		},
		"begun, unclear and lost": func(t *testing.T, l *ledger.Ledger, c *clock) {
			t.Helper()
			run := begin(t, l, row(1)).Run
			settle(t, l, run, unknown)
			c.move(time.Hour)
			wantRows(t, l, "starting ")
			settle(t, l, run, lost)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				c := newClock()
				l := open(t, path, c.Now)
				newBatch(t, l, 1)
				claimRow(t, l)
				c.move(59 * time.Second)
				wantRows(t, l, "starting ")
				giveUp(t, l, 0)

				lose(t, l, c)
				wantRows(t, l, "queued ")
				if got := claimRow(t, l); string(got.Inputs) != `{"query":"secret 1"}` {
					t.Errorf("got inputs %s", got.Inputs)
				}
			})
		})
	}
}

func TestRowHasOneRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		newBatch(t, l, 2)
		claimRow(t, l)
		c.move(time.Hour) // the first claimer takes too long
		claimRow(t, l)
		run := begin(t, l, row(1)).Run
		if claim := begin(t, l, row(1)); claim.Outcome != ledger.Pending || claim.Run.ID != run.ID {
			t.Errorf("while it starts: got %s, run %d", claim.Outcome, claim.Run.ID)
		}
		settle(t, l, run, answered)
		if claim := begin(t, l, row(1)); claim.Outcome != ledger.Duplicate || claim.Run.ID != run.ID {
			t.Errorf("once it started: got %s, run %d", claim.Outcome, claim.Run.ID)
		}
		giveUp(t, l, 1)
		for _, number := range []int{2, 3, 0} { // given up, never there
			if claim, err := l.Begin(t.Context(), aStart(row(number))); err == nil {
				t.Errorf("row %d: got %s, want an error", number, claim.Outcome)
			}
		}
	})
}

func TestReleasedTaskMakesItsRowStartingAgain(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		newBatch(t, l, 1)
		claimRow(t, l)
		run := begin(t, l, row(1)).Run
		settle(t, l, run, ledger.Settlement{State: ledger.Started, TaskID: "1", Matched: true})
		wantRows(t, l, "started 1")
		started(t, l, "1", again)
		wantRows(t, l, "starting ")
		settle(t, l, run, lost)
		wantRows(t, l, "refused its start left no trace")
	})
}

func TestEachRowIsClaimedOnce(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		newBatch(t, l, 20)
		var mu sync.Mutex
		claims := map[int]int{}
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				row, found, err := l.ClaimRow(t.Context(), me, "b1")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if found {
					claims[row.Number]++
				}
			})
		}
		wg.Wait()
		for number, n := range claims {
			if n != 1 {
				t.Errorf("row %d was claimed %d times", number, n)
			}
		}
		if len(claims) != 20 {
			t.Errorf("%d rows were claimed, want 20", len(claims))
		}
	})
}
