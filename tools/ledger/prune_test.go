package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

const day = 24 * time.Hour

func TestRunsThatAreOverAreDeletedAfter90Days(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		started(t, l, "ended", again)
		observe(t, l, "ended", ledger.Observation{Status: "finished"})
		started(t, l, "running", again)
		settle(t, l, begin(t, l, again).Run, unknown)
		gone := begin(t, l, again).Run
		settle(t, l, gone, refused)
		newBatch(t, l, 1)
		c.move(day)
		started(t, l, "ended later", again)
		observe(t, l, "ended later", ledger.Observation{Status: "finished"})

		c.move(89*day + time.Minute)
		begin(t, l, again)
		runs, _, err := list(t, l, me, ledger.Filter{}, 1, 10)
		if diff := cmp.Diff([]string{"", "ended later", "", "running"}, tasksOf(runs)); diff != "" || err != nil {
			t.Errorf("error %v, %s", err, diff)
		}
		if err := l.Settle(t.Context(), gone.ID, lost); err == nil {
			t.Error("a refused start was kept")
		}
		if _, found, err := l.Batch(t.Context(), me, "b1"); found || err != nil {
			t.Errorf("the batch: found %v, error %v", found, err)
		}
	})
}

func TestQueuedRowsAreGivenUpAfterAWeek(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		newBatch(t, l, 3)
		claimRow(t, l)
		claimRow(t, l)
		settle(t, l, begin(t, l, row(1)).Run, unknown)
		c.move(7 * day)
		begin(t, l, again)
		wantRows(t, l, "starting ", "queued ", "queued ")
		c.move(day)
		begin(t, l, again)
		wantRows(t, l, "starting ", "given_up ", "given_up ")
	})
}
