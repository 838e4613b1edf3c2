package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A step is something that happened to the run of task 1, or to time.
type step func(t *testing.T, l *ledger.Ledger, c *clock)

func starts(changes ...func(*ledger.Start)) step {
	return func(t *testing.T, l *ledger.Ledger, _ *clock) {
		t.Helper()
		started(t, l, "1", changes...)
	}
}

func comesTo(state ledger.State, changes ...func(*ledger.Start)) step {
	return func(t *testing.T, l *ledger.Ledger, _ *clock) {
		t.Helper()
		settle(t, l, begin(t, l, changes...).Run, ledger.Settlement{State: state})
	}
}

func begins(changes ...func(*ledger.Start)) step {
	return func(t *testing.T, l *ledger.Ledger, _ *clock) {
		t.Helper()
		begin(t, l, changes...)
	}
}

func isLost(t *testing.T, l *ledger.Ledger, _ *clock) {
	t.Helper()
	settle(t, l, begin(t, l).Run, lost)
}

func intends(t *testing.T, l *ledger.Ledger, _ *clock) {
	t.Helper()
	begin(t, l)
}

func passes(d time.Duration) step {
	return func(_ *testing.T, _ *ledger.Ledger, c *clock) { c.move(d) }
}

func isSeen(status string) step {
	return func(t *testing.T, l *ledger.Ledger, _ *clock) {
		t.Helper()
		observe(t, l, "1", ledger.Observation{Status: status})
	}
}

func isReported(status string) step {
	return func(t *testing.T, l *ledger.Ledger, _ *clock) {
		t.Helper()
		observe(t, l, "1", ledger.Observation{Status: status})
		report(t, l, "1")
	}
}

func TestBeginClaimsUnlessARunCounts(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		before []step
		asked  []func(*ledger.Start)
		want   ledger.Outcome
	}{
		"nothing before":                       {nil, nil, ledger.Claimed},
		"in flight":                            {[]step{intends}, nil, ledger.Pending},
		"left open by a crash":                 {[]step{intends, passes(time.Hour)}, nil, ledger.Pending},
		"left open a year ago":                 {[]step{intends, passes(365 * 24 * time.Hour)}, nil, ledger.Pending},
		"unclear":                              {[]step{comesTo(ledger.Unknown)}, nil, ledger.Pending},
		"refused":                              {[]step{comesTo(ledger.Refused)}, nil, ledger.Claimed},
		"lost":                                 {[]step{comesTo(ledger.Lost)}, nil, ledger.Claimed},
		"running":                              {[]step{starts(), isSeen("running")}, nil, ledger.Duplicate},
		"running for days":                     {[]step{starts(), passes(99 * time.Hour)}, nil, ledger.Duplicate},
		"paused":                               {[]step{starts(), isSeen("paused")}, nil, ledger.Duplicate},
		"a word never heard":                   {[]step{starts(), isSeen("unknown")}, nil, ledger.Duplicate},
		"reported while running":               {[]step{starts(), isReported("running")}, nil, ledger.Duplicate},
		"reported while running, ended unseen": {[]step{starts(), isReported("running"), isSeen("finished")}, nil, ledger.Duplicate},
		"ended, reported":                      {[]step{starts(), isReported("finished"), passes(119 * time.Second)}, nil, ledger.Duplicate},
		"failed, reported":                     {[]step{starts(), isReported("failed")}, nil, ledger.Duplicate},
		"canceled, reported":                   {[]step{starts(), isReported("canceled")}, nil, ledger.Duplicate},
		"ended 2 minutes ago, reported":        {[]step{starts(), isReported("finished"), passes(2 * time.Minute)}, nil, ledger.Claimed},
		"ended, not reported":                  {[]step{starts(), isSeen("finished"), passes(9 * time.Minute)}, nil, ledger.Duplicate},
		"ended 10 minutes ago, not reported":   {[]step{starts(), isSeen("finished"), passes(10 * time.Minute)}, nil, ledger.Claimed},
		"ended, reported later":                {[]step{starts(), isSeen("failed"), passes(time.Minute), isReported("failed"), passes(time.Minute)}, nil, ledger.Claimed},
		"asked for twice, reported":            {[]step{starts(), passes(time.Second), begins(), passes(time.Second), isReported("finished"), passes(9 * time.Minute)}, nil, ledger.Duplicate},
		"asked for twice, 10 minutes ago":      {[]step{starts(), passes(time.Second), begins(), passes(time.Second), isReported("finished"), passes(10 * time.Minute)}, nil, ledger.Claimed},
		"asked for again after its end":        {[]step{starts(), passes(time.Second), isReported("finished"), begins(), passes(3 * time.Minute)}, nil, ledger.Claimed},
		"ended, seen late":                     {[]step{starts(), passes(time.Hour), endsAfter(10 * time.Minute)}, nil, ledger.Claimed},
		"ended, the API's clock 5 h behind":    {[]step{starts(), endsAt(-5 * time.Hour)}, nil, ledger.Duplicate},
		"ended, the API's clock 5 h ahead":     {[]step{starts(), endsAt(5 * time.Hour)}, nil, ledger.Duplicate},
		"ended, this clock set an hour on":     {[]step{starts(), endsAt(0), passes(time.Hour)}, []func(*ledger.Start){sentAt(time.Second)}, ledger.Duplicate},
		"ended, all clocks set an hour back":   {[]step{starts(), endsAt(0), passes(-time.Hour)}, []func(*ledger.Start){sentAt(-time.Hour)}, ledger.Claimed},
		"running, duplicates allowed":          {[]step{starts()}, []func(*ledger.Start){again}, ledger.Claimed},
		"in flight, duplicates allowed":        {[]step{intends}, []func(*ledger.Start){again}, ledger.Claimed},
		"another run":                          {[]step{starts()}, []func(*ledger.Start){fingerprint("other")}, ledger.Claimed},
		"another caller's":                     {[]step{starts()}, []func(*ledger.Start){by(otherCaller)}, ledger.Claimed},
		"the older has a task":                 {[]step{starts(), comesTo(ledger.Unknown, again)}, nil, ledger.Duplicate},
		"same key":                             {[]step{starts(key("k"))}, []func(*ledger.Start){key("k")}, ledger.Duplicate},
		"same key, ended and reported":         {[]step{starts(key("k")), isReported("finished")}, []func(*ledger.Start){key("k")}, ledger.Duplicate},
		"same key, duplicates allowed":         {[]step{starts(key("k"))}, []func(*ledger.Start){key("k"), again}, ledger.Duplicate},
		"same key, unclear":                    {[]step{comesTo(ledger.Unknown, key("k"))}, []func(*ledger.Start){key("k"), again}, ledger.Pending},
		"same key, refused":                    {[]step{comesTo(ledger.Refused, key("k"))}, []func(*ledger.Start){key("k")}, ledger.Claimed},
		"same key, lost":                       {[]step{comesTo(ledger.Lost, key("k"))}, []func(*ledger.Start){key("k")}, ledger.Claimed},
		"same key, a day later":                {[]step{starts(key("k")), isReported("failed"), passes(24*time.Hour + 1e6)}, []func(*ledger.Start){key("k")}, ledger.Claimed},
		"same key, almost a day":               {[]step{starts(key("k")), isReported("failed"), passes(24 * time.Hour)}, []func(*ledger.Start){key("k")}, ledger.Duplicate},
		"same key, another run":                {[]step{starts(key("k"))}, []func(*ledger.Start){key("k"), fingerprint("other")}, ledger.KeyConflict},
		"same key, another run, refused":       {[]step{comesTo(ledger.Refused, key("k"))}, []func(*ledger.Start){key("k"), fingerprint("other")}, ledger.Claimed},
		"same key, second start":               {[]step{comesTo(ledger.Refused, key("k")), begins(key("k"))}, []func(*ledger.Start){key("k"), again}, ledger.Pending},
		"key of a duplicate":                   {[]step{starts(), begins(key("k")), isReported("finished")}, []func(*ledger.Start){key("k")}, ledger.Duplicate},
		"key of a duplicate, lost":             {[]step{intends, begins(key("k")), isLost}, []func(*ledger.Start){key("k")}, ledger.Claimed},
		"key that was over a limit":            {[]step{starts(fingerprint("other")), begins(key("k"), limited(ledger.Limits{RunsPerDay: 1}))}, []func(*ledger.Start){key("k")}, ledger.Claimed},
		"key in conflict stays":                {[]step{starts(key("k")), begins(key("k"), fingerprint("other"))}, []func(*ledger.Start){key("k")}, ledger.Duplicate},
		"same key, another caller's":           {[]step{starts(key("k"))}, []func(*ledger.Start){key("k"), by(otherCaller)}, ledger.Claimed},
		"another key, running":                 {[]step{starts(key("k"))}, []func(*ledger.Start){key("other")}, ledger.Duplicate},
		"another key, over the limit":          {[]step{starts(key("k"))}, []func(*ledger.Start){key("k2"), again, limited(ledger.Limits{RunsPerDay: 1})}, ledger.OverBudget},
		"same key, over the limit":             {[]step{starts(key("k"))}, []func(*ledger.Start){key("k"), limited(ledger.Limits{RunsPerDay: 1})}, ledger.Duplicate},
		"running, over the limit":              {[]step{starts()}, []func(*ledger.Start){limited(ledger.Limits{RunsPerDay: 1})}, ledger.Duplicate},
		"ended by a clock far from this one":   {[]step{starts(), endsAt(-time.Hour)}, []func(*ledger.Start){sentAt(-55 * time.Minute)}, ledger.Duplicate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				c := newClock()
				l := open(t, path, c.Now)
				for _, step := range fact.before {
					step(t, l, c)
				}
				if claim := begin(t, l, fact.asked...); claim.Outcome != fact.want {
					t.Errorf("got %s, want %s", claim.Outcome, fact.want)
				}
			})
		})
	}
}

func endsAt(fromNow time.Duration) step {
	return func(t *testing.T, l *ledger.Ledger, c *clock) {
		t.Helper()
		observe(t, l, "1", ledger.Observation{Status: "finished", EndedAt: c.Now().Add(fromNow)})
	}
}

// endsAfter reports an end that long after the creation.
func endsAfter(d time.Duration) step {
	return func(t *testing.T, l *ledger.Ledger, _ *clock) {
		t.Helper()
		began := runOf(t, l, "1").BegunAt
		observe(t, l, "1", ledger.Observation{Status: "finished", EndedAt: began.Add(d), Duration: d})
		report(t, l, "1")
	}
}

func sentAt(fromNow time.Duration) func(*ledger.Start) {
	return func(s *ledger.Start) { s.SentAt = newClock().Now().Add(fromNow) }
}

func TestRunKeepsWhatItsStartSaid(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		sent := c.Now().Add(90*time.Second + 1234*time.Microsecond).In(time.FixedZone("", 3600))
		claim := begin(t, l, again, func(s *ledger.Start) { s.SentAt, s.Kind = sent, ledger.Template })
		want := ledger.Run{
			ID: claim.Run.ID, Caller: me, Kind: ledger.Template, TargetID: "7001", Fingerprint: "same",
			InputShapes: []string{"shape 1", "shape 2"}, AllowDuplicate: true,
			State: ledger.Intended, Leased: true, Reserve: 100,
			SentAt: c.Now().Add(90*time.Second + time.Millisecond), BegunAt: c.Now(),
		}
		runs, err := l.Unsettled(t.Context(), me)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range [][]ledger.Run{{claim.Run}, runs} {
			if diff := cmp.Diff([]ledger.Run{want}, got, cmpopts.IgnoreUnexported(ledger.Run{})); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestIncompleteStartIsAnError(t *testing.T) {
	t.Parallel()
	l := open(t, ledger.InMemory)
	for name, change := range map[string]func(*ledger.Start){
		"caller":      by(""),
		"kind":        func(s *ledger.Start) { s.Kind = "" },
		"target":      func(s *ledger.Start) { s.TargetID = "" },
		"fingerprint": fingerprint(""),
	} {
		if claim, err := l.Begin(t.Context(), aStart(change)); err == nil {
			t.Errorf("without a %s: got %s, want an error", name, claim.Outcome)
		}
	}
}
