package ledger_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// permutations calls each with every order of n things.
func permutations(n int, each func(order []int)) {
	order := make([]int, n)
	var place func(k int, used uint)
	place = func(k int, used uint) {
		if k == n {
			each(order)
			return
		}
		for i := range n {
			if used&(1<<i) == 0 {
				order[k] = i
				place(k+1, used|1<<i)
			}
		}
	}
	place(0, 0)
}

func TestObservationsMayArriveInAnyOrder(t *testing.T) {
	t.Parallel()
	end := newClock().Now().Add(5 * time.Minute)
	looks := []ledger.Observation{
		{Status: "created"},
		{Status: "running", Credits: new(int64(5))},
		{Status: "finished", Credits: new(int64(30)), EndedAt: end},
		{Credits: new(int64(12))},
	}
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path, newClock().Now)
		permutations(len(looks), func(order []int) {
			task := ""
			for _, n := range order {
				task += string(rune('a' + n))
			}
			started(t, l, task, again)
			for _, n := range order {
				observe(t, l, task, looks[n])
				report(t, l, task)
			}
			got := runOf(t, l, task)
			want := got
			want.Status, want.Credits, want.EndedAt, want.ReportedAt = "finished", new(int64(30)), end, newClock().Now()
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(ledger.Run{})); diff != "" {
				t.Errorf("%s: %s", task, diff)
			}
		})
	})
}

func TestUnknownTaskIsNotObserved(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		started(t, l, "theirs", by(otherCaller))
		for _, task := range []string{"never seen", "theirs", ""} {
			observe(t, l, task, ledger.Observation{Status: "finished"})
			if run, found, err := l.Run(t.Context(), me, task); found || err != nil {
				t.Errorf("task %q: got %+v, error %v", task, run, err)
			}
		}
	})
}

func TestObservationWithNothingNewWritesNothing(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	l := open(t, path)
	started(t, l, "1")
	look := ledger.Observation{Status: "finished", Credits: new(int64(30))}
	observe(t, l, "1", look)
	report(t, l, "1")
	before := sizes(t, path)
	observe(t, l, "1", look)
	report(t, l, "1")
	observe(t, l, "1", ledger.Observation{Status: "running", Credits: new(int64(3))})
	if diff := cmp.Diff(before, sizes(t, path)); diff != "" {
		t.Error(diff)
	}
}

// sizes are those of the ledger's files: each write makes the log longer.
func sizes(t *testing.T, path string) map[string]int64 {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = info.Size()
	}
	return all
}
