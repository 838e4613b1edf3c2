package ledger_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

var update = flag.Bool("update", false, "write testdata/messages.golden")

// TestMessages holds the sentences that users read; other tests hold what they mean.
func TestMessages(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, reason := range []string{
		ledger.ReasonHeld, ledger.ReasonClosed, ledger.ReasonNewer, ledger.ReasonForeign, ledger.ReasonDamaged,
		ledger.ReasonWrite, ledger.ReasonFull, ledger.ReasonDisk, ledger.ReasonNoFile, ledger.ReasonOther,
	} {
		fmt.Fprintln(&all, &ledger.UnavailableError{Reason: reason, Path: "/home/me/ledger.db"})
	}
	l := open(t, ledger.InMemory)
	_, noStart := l.Begin(t.Context(), ledger.Start{})
	_, noRow := l.Begin(t.Context(), aStart(row(1)))
	_, _, noBatch := l.ClaimRow(t.Context(), me, "b1")
	newBatch(t, l, 1)
	_, noInputs := l.RowInputs(t.Context(), me, "b1", 2)
	sameBatch := l.NewBatch(t.Context(), ledger.Batch{ID: "b1", Caller: me})
	emptyRow := l.NewBatch(t.Context(), ledger.Batch{ID: "b2", Caller: me, Rows: []ledger.Row{{}}})
	giveUp(t, l, 1)
	_, rowOver := l.Begin(t.Context(), aStart(row(1)))
	started(t, l, "1")
	taken := l.Settle(t.Context(), begin(t, l, again).Run.ID, ledger.Settlement{State: ledger.Started, TaskID: "1"})
	for _, err := range []error{
		noStart, noRow, noBatch, noInputs, sameBatch, emptyRow, rowOver, taken,
		l.Settle(t.Context(), 0, lost), l.Settle(t.Context(), 1, ledger.Settlement{State: ledger.Intended}),
	} {
		fmt.Fprintln(&all, err)
	}
	golden := filepath.Join("testdata", "messages.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("accept it by go test ./tools/ledger -run Messages -update: %s", diff)
	}
}
