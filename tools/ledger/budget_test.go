package ledger_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// others starts n runs that are different from each other, an hour apart.
func others(t *testing.T, l *ledger.Ledger, c *clock, n int, changes ...func(*ledger.Start)) []string {
	t.Helper()
	var tasks []string
	for range n {
		task := strconv.FormatInt(c.Now().Unix(), 10)
		started(t, l, task, append(changes, fingerprint(task))...)
		tasks = append(tasks, task)
		c.move(time.Hour)
	}
	return tasks
}

func TestExceededNamesTheLimitAndWhenItIsAvailable(t *testing.T) {
	t.Parallel()
	noon := newClock().Now()
	for name, fact := range map[string]struct {
		limits ledger.Limits
		end    []ledger.Observation // of the three runs before, begun at 12, 13 and 14 o'clock
		want   *ledger.Exceeded
	}{
		"no limits":             {ledger.Limits{}, nil, nil},
		"room in all":           {ledger.Limits{RunsPerDay: 4, ActiveRuns: 4, CreditsPerDay: 400}, nil, nil},
		"runs":                  {ledger.Limits{RunsPerDay: 3}, nil, &ledger.Exceeded{Limit: ledger.RunsPerDay, Max: 3, Used: 3, Requested: 1, AvailableAt: noon.Add(24 * time.Hour)}},
		"runs, far over":        {ledger.Limits{RunsPerDay: 1}, nil, &ledger.Exceeded{Limit: ledger.RunsPerDay, Max: 1, Used: 3, Requested: 1, AvailableAt: noon.Add(26 * time.Hour)}},
		"failed runs count":     {ledger.Limits{RunsPerDay: 3}, []ledger.Observation{{Status: "failed"}}, &ledger.Exceeded{Limit: ledger.RunsPerDay, Max: 3, Used: 3, Requested: 1, AvailableAt: noon.Add(24 * time.Hour)}},
		"active":                {ledger.Limits{ActiveRuns: 3}, nil, &ledger.Exceeded{Limit: ledger.ActiveRuns, Max: 3, Used: 3, Requested: 1}},
		"active, one ended":     {ledger.Limits{ActiveRuns: 3}, []ledger.Observation{{Status: "failed"}}, nil},
		"reserved":              {ledger.Limits{CreditsPerDay: 399}, nil, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 399, Used: 300, Requested: 100}},
		"settled at its end":    {ledger.Limits{CreditsPerDay: 399}, []ledger.Observation{{Status: "failed", Credits: new(int64(30))}}, nil},
		"dearer than reserved":  {ledger.Limits{CreditsPerDay: 400}, []ledger.Observation{{Status: "failed", Credits: new(int64(170))}}, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 400, Used: 370, Requested: 100, AvailableAt: noon.Add(24 * time.Hour)}},
		"dear and still at it":  {ledger.Limits{CreditsPerDay: 400}, []ledger.Observation{{Status: "running", Credits: new(int64(170))}}, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 400, Used: 370, Requested: 100}},
		"cheap and still at it": {ledger.Limits{CreditsPerDay: 399}, []ledger.Observation{{Status: "running", Credits: new(int64(7))}}, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 399, Used: 300, Requested: 100}},
		"no cost reported":      {ledger.Limits{CreditsPerDay: 399}, []ledger.Observation{{Status: "finished"}, {Status: "finished"}}, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 399, Used: 300, Requested: 100, AvailableAt: noon.Add(24 * time.Hour)}},
		"never room":            {ledger.Limits{CreditsPerDay: 99}, []ledger.Observation{{Status: "failed"}, {Status: "failed"}, {Status: "failed"}}, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 99, Used: 300, Requested: 100}},
		"too large a cost":      {ledger.Limits{CreditsPerDay: 400}, []ledger.Observation{{Status: "failed", Credits: new(int64(1 << 62))}}, &ledger.Exceeded{Limit: ledger.CreditsPerDay, Max: 400, Used: 1e12 + 200, Requested: 100, AvailableAt: noon.Add(24 * time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				c := newClock()
				l := open(t, path, c.Now)
				tasks := others(t, l, c, 3)
				for n, o := range fact.end {
					observe(t, l, tasks[n], o)
				}
				started(t, l, "theirs", by(otherCaller))
				settle(t, l, begin(t, l, fingerprint("refused")).Run, ledger.Settlement{State: ledger.Refused})
				settle(t, l, begin(t, l, fingerprint("lost")).Run, ledger.Settlement{State: ledger.Lost})

				claim := begin(t, l, limited(fact.limits))
				if diff := cmp.Diff(fact.want, claim.Exceeded); diff != "" {
					t.Error(diff)
				}
				if over := claim.Outcome == ledger.OverBudget; over != (fact.want != nil) {
					t.Errorf("got %s", claim.Outcome)
				}
				if fact.want == nil || fact.want.AvailableAt.IsZero() {
					return
				}
				c.move(fact.want.AvailableAt.Sub(c.Now()) - time.Millisecond)
				if claim := begin(t, l, limited(fact.limits)); claim.Outcome != ledger.OverBudget {
					t.Errorf("a moment too early: got %s", claim.Outcome)
				}
				c.move(time.Millisecond)
				if claim := begin(t, l, limited(fact.limits)); claim.Outcome != ledger.Claimed {
					t.Errorf("when there is room: got %s", claim.Outcome)
				}
			})
		})
	}
}

func TestWarnOnlyLimitClaimsTheStart(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		started(t, l, "1")
		claim := begin(t, l, fingerprint("other"), limited(ledger.Limits{RunsPerDay: 1, WarnOnly: true}))
		if claim.Outcome != ledger.Claimed || claim.Exceeded == nil || claim.Exceeded.Limit != ledger.RunsPerDay {
			t.Errorf("got %s, exceeded %+v", claim.Outcome, claim.Exceeded)
		}
	})
}

func TestUnknownStartCountsInBudgetsForADay(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		settle(t, l, begin(t, l).Run, ledger.Settlement{State: ledger.Unknown})
		full := limited(ledger.Limits{ActiveRuns: 1})
		if claim := begin(t, l, fingerprint("other"), full); claim.Outcome != ledger.OverBudget {
			t.Errorf("at once: got %s", claim.Outcome)
		}
		c.move(ledger.Day)
		if claim := begin(t, l, fingerprint("other"), full); claim.Outcome != ledger.Claimed {
			t.Errorf("a day later: got %s", claim.Outcome)
		}
	})
}

func TestSpentAddsUpRuns(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		tasks := others(t, l, c, 5)
		observe(t, l, tasks[1], ledger.Observation{Status: "finished", Credits: new(int64(30))})
		observe(t, l, tasks[2], ledger.Observation{Status: "failed", Credits: new(int64(170))})
		observe(t, l, tasks[3], ledger.Observation{Status: "finished"})
		for name, fact := range map[string]struct {
			caller string
			since  time.Time
			want   ledger.Spending
		}{
			"all":            {me, time.Time{}, ledger.Spending{Runs: 5, Active: 2, Credits: 300, Reserved: 200}},
			"but the oldest": {me, c.Now().Add(-4 * time.Hour), ledger.Spending{Runs: 4, Active: 2, Credits: 300, Reserved: 200}},
			"the latest":     {me, c.Now().Add(-2 * time.Hour), ledger.Spending{Runs: 2, Active: 2, Credits: 100, Reserved: 200}},
			"nothing":        {otherCaller, time.Time{}, ledger.Spending{}},
		} {
			if got, err := l.Spent(t.Context(), fact.caller, fact.since); err != nil || got != fact.want {
				t.Errorf("%s: got %+v, error %v, want %+v", name, got, err, fact.want)
			}
		}
	})
}
