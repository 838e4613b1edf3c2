package ledger_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func tasksOf(runs []ledger.Run) []string {
	tasks := []string{}
	for _, run := range runs {
		tasks = append(tasks, run.TaskID)
	}
	return tasks
}

func TestListReturnsRunsOfTheCaller(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		for n := range 5 {
			started(t, l, strconv.Itoa(n), again, func(s *ledger.Start) {
				s.Kind = []ledger.Kind{ledger.Workflow, ledger.Template}[n%2]
				s.TargetID = strconv.Itoa(n % 3)
			})
			c.move(time.Hour)
		}
		observe(t, l, "1", ledger.Observation{Status: "running"})
		observe(t, l, "4", ledger.Observation{Status: "running"})
		started(t, l, "theirs", by(otherCaller))
		settle(t, l, begin(t, l, again).Run, refused)
		settle(t, l, begin(t, l, again).Run, lost)
		settle(t, l, begin(t, l, again).Run, unknown)

		noon := newClock().Now()
		for name, fact := range map[string]struct {
			filter      ledger.Filter
			page, limit int
			want        []string
			total       int
		}{
			"all":           {ledger.Filter{}, 1, 10, []string{"", "4", "3", "2", "1", "0"}, 6},
			"a page":        {ledger.Filter{}, 2, 4, []string{"1", "0"}, 6},
			"past the end":  {ledger.Filter{}, 9, 4, []string{}, 6},
			"page 0":        {ledger.Filter{}, 0, 0, []string{""}, 6},
			"status":        {ledger.Filter{Status: "running"}, 1, 10, []string{"4", "1"}, 2},
			"kind":          {ledger.Filter{Kind: ledger.Template}, 1, 10, []string{"3", "1"}, 2},
			"target":        {ledger.Filter{TargetID: "0"}, 1, 1, []string{"3"}, 2},
			"kind + target": {ledger.Filter{Kind: ledger.Workflow, TargetID: "0"}, 1, 10, []string{"0"}, 1},
			"from":          {ledger.Filter{From: noon.Add(3 * time.Hour)}, 1, 10, []string{"", "4", "3"}, 3},
			"to":            {ledger.Filter{To: noon.Add(time.Hour)}, 1, 10, []string{"1", "0"}, 2},
			"from + to":     {ledger.Filter{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}, 1, 10, []string{"2", "1"}, 2},
			"none":          {ledger.Filter{Status: "paused"}, 1, 10, []string{}, 0},
		} {
			runs, total, err := list(t, l, me, fact.filter, fact.page, fact.limit)
			if diff := cmp.Diff(fact.want, tasksOf(runs)); diff != "" || total != fact.total || err != nil {
				t.Errorf("%s: total %d, error %v, %s", name, total, err, diff)
			}
		}
	})
}

func TestUnsettledAndInFlightDoNotOverlap(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		open := begin(t, l, fingerprint("open")).Run
		unclear := begin(t, l, fingerprint("unclear")).Run
		settle(t, l, unclear, unknown)
		started(t, l, "running", fingerprint("running"))
		started(t, l, "ended", fingerprint("ended"))
		observe(t, l, "ended", ledger.Observation{Status: "failed"})
		settle(t, l, begin(t, l, fingerprint("refused")).Run, refused)
		started(t, l, "theirs", by(otherCaller))
		c.move(time.Minute)
		going := begin(t, l, fingerprint("going")).Run

		unsettled, err := l.Unsettled(t.Context(), me)
		if err != nil {
			t.Fatal(err)
		}
		got := map[int64]bool{}
		for _, run := range unsettled {
			got[run.ID] = run.Leased
		}
		if diff := cmp.Diff(map[int64]bool{open.ID: false, unclear.ID: false, going.ID: true}, got); diff != "" {
			t.Error(diff)
		}
		inFlight, err := l.InFlight(t.Context(), me)
		if diff := cmp.Diff([]string{"running"}, tasksOf(inFlight)); diff != "" || err != nil {
			t.Errorf("error %v, %s", err, diff)
		}
	})
}

func TestTypicalIsOfTheLatestFinishedRuns(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		for n := range 25 { // the first five are too long ago
			task := strconv.Itoa(n)
			started(t, l, task, again)
			end := c.Now().Add(time.Duration(n) * time.Minute)
			observe(t, l, task, ledger.Observation{Status: "finished", Credits: new(int64(n)), EndedAt: end})
		}
		started(t, l, "failed", again)
		observe(t, l, "failed", ledger.Observation{Status: "failed", Credits: new(int64(70))})
		started(t, l, "other", again, func(s *ledger.Start) { s.TargetID = "7002" })
		observe(t, l, "other", ledger.Observation{Status: "finished", Credits: new(int64(500))})
		started(t, l, "running", again)
		want := ledger.Typical{
			Duration: ledger.Spread[time.Duration]{Runs: 20, Low: 9 * time.Minute, Median: 14 * time.Minute, High: 20 * time.Minute},
			Credits:  ledger.Spread[int64]{Runs: 20, Low: 9, Median: 14, High: 20},
		}
		if got, err := l.Typical(t.Context(), me, ledger.Workflow, "7001"); got != want || err != nil {
			t.Errorf("got %+v, error %v, want %+v", got, err, want)
		}
		if got, err := l.Typical(t.Context(), otherCaller, ledger.Workflow, "7001"); got != (ledger.Typical{}) || err != nil {
			t.Errorf("for another caller: got %+v, error %v", got, err)
		}
	})
}

func TestTypicalOmitsUnknownFigures(t *testing.T) {
	t.Parallel()
	got := ledger.TypicalOf([]ledger.Sample{
		{Duration: 4 * time.Minute, Credits: new(int64(30))},
		{Duration: 6 * time.Minute},
		{Duration: -time.Second, Credits: new(int64(33))},
		{Credits: new(int64(31))},
	})
	want := ledger.Typical{
		Duration: ledger.Spread[time.Duration]{Runs: 2, Low: 4 * time.Minute, Median: 4 * time.Minute, High: 6 * time.Minute},
		Credits:  ledger.Spread[int64]{Runs: 3, Low: 30, Median: 31, High: 33},
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
