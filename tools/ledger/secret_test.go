package ledger_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// holds says whether any of the ledger's files holds text.
func holds(t *testing.T, path, text string) bool {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil || len(names) < 2 {
		t.Fatalf("got files %v, error %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}

func TestFileHoldsNoKey(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	l := open(t, path)
	started(t, l, "task-in-sight", by(ledger.HashCaller("app-secret")), key("idempotency-secret"))
	if !holds(t, path, "task-in-sight") {
		t.Error("what is in the file was not found: this test sees nothing")
	}
	for _, secret := range []string{"app-secret", "idempotency-secret"} {
		if holds(t, path, secret) {
			t.Errorf("the file holds %s", secret)
		}
	}
}

func TestInputsAreErasedWhenTheirRowIsOver(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	l := open(t, path)
	const rows = 40
	random := rand.New(rand.NewPCG(1, 2))
	batch := ledger.Batch{ID: "b1", Caller: me, Kind: ledger.Workflow, TargetID: "7001"}
	for n := range rows {
		filling := strings.Repeat(" ", random.IntN(9000)) // within a page and across
		batch.Rows = append(batch.Rows, ledger.Row{Inputs: []byte(`["` + inputOf(n+1) + filling + inputOf(n+1) + `"]`)})
	}
	if err := l.NewBatch(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	for range rows {
		claimRow(t, l)
	}
	order := random.Perm(rows)
	for n, at := range order[:30] {
		erase(t, l, n, at+1)
		for m, other := range order {
			if held := holds(t, path, inputOf(other+1)); held != (m > n) {
				t.Fatalf("after %d rows: holds the inputs of row %d: %v, want %v", n+1, other+1, held, m > n)
			}
		}
	}
	for _, at := range order[30:] {
		settleRow(t, l, at+1, ledger.RowSettlement{State: ledger.RowQueued})
	}
	giveUp(t, l, rows-30)
	if holds(t, path, "secret") {
		t.Error("the file holds inputs that were given up")
	}
}

func inputOf(row int) string { return fmt.Sprintf("secret of %d.", row) }

// erase settles a row in one of the ways there are.
func erase(t *testing.T, l *ledger.Ledger, way, number int) {
	t.Helper()
	switch way % 3 {
	case 0:
		settle(t, l, begin(t, l, row(number)).Run, ledger.Settlement{State: ledger.Started, TaskID: fmt.Sprint(number)})
	case 1:
		settleRow(t, l, number, ledger.RowSettlement{State: ledger.RowRefused, Reason: "no"})
	case 2:
		settleRow(t, l, number, ledger.RowSettlement{State: ledger.RowStarted, TaskID: "known"})
	}
}

func TestNextUseErasesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	path, image := filePath(t), filePath(t)
	noon := newClock().Now
	synctest.Test(t, func(t *testing.T) {
		l := open(t, path, noon)
		newBatch(t, l, 1)
		stopReading := read(t, path) // so that the log cannot be emptied
		giveUp(t, l, 1)
		makeFolder(t, filepath.Dir(image))
		for _, suffix := range []string{"", "-wal"} { // as a crash would leave them
			writes(string(contents(t, path+suffix)))(t, image+suffix)
		}
		stopReading()
	})
	if !holds(t, image, "secret 1") {
		t.Error("what was to be erased was not found: this test sees nothing")
	}
	begin(t, open(t, image, noon))
	if holds(t, image, "secret 1") {
		t.Error("the file still holds inputs that were given up")
	}
}

// read begins to read the ledger.
func read(t *testing.T, path string) (stop func()) {
	t.Helper()
	reading, err := database(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRowContext(t.Context(), "SELECT count(*) FROM runs").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := reading.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
