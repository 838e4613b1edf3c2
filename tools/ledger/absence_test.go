package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A searchStep is a search, and what happens before it.
type searchStep struct {
	passes     time.Duration // by this machine's clock
	apiPasses  time.Duration // by the API's
	restart    bool
	candidates []string
}

func after(d time.Duration) searchStep { return searchStep{passes: d, apiPasses: d} }

func TestThreeSearchesOverTwoMinutesProveAbsence(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		looks []searchStep
		want  bool
	}{
		"none":                             {nil, false},
		"one, late":                        {[]searchStep{after(time.Hour)}, false},
		"two, far apart":                   {[]searchStep{after(0), after(time.Hour)}, false},
		"three at once":                    {[]searchStep{after(0), after(0), after(0)}, false},
		"three in 119 s":                   {[]searchStep{after(0), after(time.Minute), after(59 * time.Second)}, false},
		"three in 120 s":                   {[]searchStep{after(0), after(time.Minute), after(time.Minute)}, true},
		"many, over 120 s":                 {slices.Repeat([]searchStep{after(15 * time.Second)}, 9), true},
		"a candidate between":              {[]searchStep{after(0), after(time.Minute), {passes: time.Minute, candidates: []string{"9"}}, after(time.Minute), after(0)}, false},
		"over a restart":                   {[]searchStep{after(0), {passes: time.Minute, apiPasses: time.Minute, restart: true}, after(time.Minute)}, true},
		"the API's clock set on":           {[]searchStep{after(0), after(0), {passes: time.Second, apiPasses: time.Hour}}, false},
		"this clock set on, at a restart":  {[]searchStep{after(0), after(0), {passes: time.Hour, apiPasses: time.Second, restart: true}}, false},
		"this clock set back at a restart": {[]searchStep{after(0), after(0), {passes: -time.Hour, apiPasses: 3 * time.Minute, restart: true}}, false},
		"and then enough":                  {[]searchStep{after(0), {passes: -time.Hour, apiPasses: time.Minute, restart: true}, after(2 * time.Minute)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, here, api := filePath(t), newClock(), newClock()
			l := open(t, path, here.Now)
			run := begin(t, l).Run
			settle(t, l, run, unknown)
			for _, step := range fact.looks {
				here.move(step.passes)
				api.move(step.apiPasses)
				if step.restart {
					l = open(t, path, here.Now)
				}
				run = searched(t, l, run, ledger.Search{APIAt: api.Now(), Candidates: step.candidates})
			}
			if got := run.Absence.Proven(); got != fact.want {
				t.Errorf("proven: got %v, want %v: %+v", got, fact.want, run.Absence)
			}
		})
	}
}

func searched(t *testing.T, l *ledger.Ledger, run ledger.Run, search ledger.Search) ledger.Run {
	t.Helper()
	run, err := l.RecordSearch(t.Context(), run.ID, search)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestLatestCandidatesOfAStartAreKept(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		run := begin(t, l).Run
		settle(t, l, run, unknown)
		for n := range 30 {
			searched(t, l, run, ledger.Search{Candidates: []string{fmt.Sprint(n), "0"}})
		}
		got := searched(t, l, run, ledger.Search{}).Absence.Candidates
		if len(got) != 20 || got[19] != "29" {
			t.Errorf("got %q, want the latest 20", got)
		}
	})
}

func TestLeaseFromAClockSetBackHasEnded(t *testing.T) {
	t.Parallel()
	for back, want := range map[time.Duration]bool{3 * time.Second: true, time.Minute: false, time.Hour: false} {
		t.Run(back.String(), func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				c := newClock()
				l := open(t, path, c.Now)
				begin(t, l)
				newBatch(t, l, 1)
				claimRow(t, l)
				c.move(-back)
				if got := begin(t, l); got.Outcome != ledger.Pending || got.Run.Leased != want {
					t.Errorf("got %s, leased %v, want pending, %v", got.Outcome, got.Run.Leased, want)
				}
				b, _, err := l.Batch(t.Context(), me, "b1")
				if claimed := b.Rows[0].State == ledger.RowStarting; err != nil || claimed != want {
					t.Errorf("the row is claimed: %v, error %v, want %v", claimed, err, want)
				}
			})
		})
	}
}

func TestFileOfTheFirstVersionGetsTheNewColumns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	schema, err := os.ReadFile("schema1.sql")
	if err != nil {
		t.Fatal(err)
	}
	runs("PRAGMA application_id(0x42416c67); PRAGMA user_version(1); "+string(schema)+`
		INSERT INTO runs (caller, kind, target, fingerprint, input_shapes, allow_duplicate, state, lease_until, task,
			matched, status, assume, sent_at, begun_at, ended_at, told_at, batch, row)
		VALUES ('`+me+`', 'workflow', '7001', 'same', '[]', 0, 'started', 0, '1', 0, 'running', 100, 1, 1, 0, 0, '', 0)`)(t, path)
	l := open(t, path)
	if claim := begin(t, l); claim.Outcome != ledger.Duplicate || claim.Run.TaskID != "1" {
		t.Errorf("got %+v, want the run of the old file", claim)
	}
}

func TestSearchesOfTwoProcessesCountTimeOnce(t *testing.T) {
	t.Parallel()
	path, here, api := filePath(t), newClock(), newClock()
	a, b := open(t, path, here.Now), open(t, path, here.Now)
	run := begin(t, a).Run
	settle(t, a, run, unknown)
	for n := range 4 { // at 0, 30, 60 and 90 s
		run = searched(t, []*ledger.Ledger{a, b}[n%2], run, ledger.Search{APIAt: api.Now()})
		here.move(30 * time.Second)
		api.move(30 * time.Second)
	}
	if run.Absence.For > 90*time.Second || run.Absence.Proven() {
		t.Errorf("after 90 s: %+v", run.Absence)
	}
}
