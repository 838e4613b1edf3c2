package ledger_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

var (
	answered = ledger.Settlement{State: ledger.Started, TaskID: "answered"}
	matched  = ledger.Settlement{State: ledger.Started, TaskID: "matched", Matched: true}
	unknown  = ledger.Settlement{State: ledger.Unknown}
	refused  = ledger.Settlement{State: ledger.Refused}
	lost     = ledger.Settlement{State: ledger.Lost}
)

func TestBetterSettlementStays(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		said []ledger.Settlement
		want ledger.Settlement
	}{
		"answered, twice":            {[]ledger.Settlement{answered, answered}, answered},
		"matched twice":              {[]ledger.Settlement{matched, {State: ledger.Started, TaskID: "other", Matched: true}}, matched},
		"answered, then matched":     {[]ledger.Settlement{answered, matched}, answered},
		"answered, then unclear":     {[]ledger.Settlement{answered, unknown}, answered},
		"answered, then lost":        {[]ledger.Settlement{answered, lost}, answered},
		"answered, then refused":     {[]ledger.Settlement{answered, refused}, answered},
		"unclear, then answered":     {[]ledger.Settlement{unknown, answered}, answered},
		"unclear, then matched":      {[]ledger.Settlement{unknown, matched}, matched},
		"unclear, then lost":         {[]ledger.Settlement{unknown, lost}, lost},
		"unclear, then refused":      {[]ledger.Settlement{unknown, refused}, refused},
		"unclear, twice":             {[]ledger.Settlement{unknown, unknown}, unknown},
		"matched, then answered":     {[]ledger.Settlement{matched, answered}, answered},
		"matched, then lost":         {[]ledger.Settlement{matched, lost}, matched},
		"lost, then unclear":         {[]ledger.Settlement{lost, unknown}, lost},
		"lost, then answered":        {[]ledger.Settlement{lost, answered}, answered},
		"lost, then matched":         {[]ledger.Settlement{lost, matched}, matched},
		"refused, then unclear":      {[]ledger.Settlement{refused, unknown}, refused},
		"refused, then answered":     {[]ledger.Settlement{refused, answered}, answered},
		"answered, then another one": {[]ledger.Settlement{answered, {State: ledger.Started, TaskID: "other"}}, answered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				l := open(t, path)
				run := begin(t, l).Run
				for _, s := range fact.said {
					settle(t, l, run, s)
				}
				run, err := l.Await(t.Context(), run.ID)
				got := ledger.Settlement{State: run.State, TaskID: run.TaskID, Matched: run.Matched}
				if err != nil || got != fact.want {
					t.Errorf("got %+v, error %v, want %+v", got, err, fact.want)
				}
			})
		})
	}
}

func TestTaskBelongsToOneStart(t *testing.T) {
	t.Parallel()
	same := ledger.Settlement{State: ledger.Started, TaskID: "1"}
	looks := ledger.Settlement{State: ledger.Started, TaskID: "1", Matched: true}
	for name, fact := range map[string]struct {
		first, second           ledger.Settlement
		wantErr                 error
		wantFirst, wantSecondly ledger.State
	}{
		"answered, a match comes late": {same, looks, ledger.ErrTaskTaken, ledger.Started, ledger.Intended},
		"matched, a match comes late":  {looks, looks, ledger.ErrTaskTaken, ledger.Started, ledger.Intended},
		"answered twice":               {same, same, ledger.ErrTaskTaken, ledger.Started, ledger.Intended},
		"matched, the answer has it":   {looks, same, nil, ledger.Unknown, ledger.Started},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				c := newClock()
				l := open(t, path, c.Now)
				first, second := begin(t, l).Run, begin(t, l, again).Run
				settle(t, l, first, fact.first)
				observe(t, l, "1", ledger.Observation{Status: "finished", Credits: new(int64(30))})
				report(t, l, "1")

				if err := l.Settle(t.Context(), second.ID, fact.second); !errors.Is(err, fact.wantErr) {
					t.Errorf("got error %v, want %v", err, fact.wantErr)
				}
				c.move(time.Minute) // the leases are over
				first, second = await(t, l, first), await(t, l, second)
				if first.State != fact.wantFirst || second.State != fact.wantSecondly {
					t.Errorf("got %s and %s, want %s and %s", first.State, second.State, fact.wantFirst, fact.wantSecondly)
				}
				if first.State == ledger.Unknown && (first.Ended() || first.Credits != nil || first.TaskID != "") {
					t.Errorf("it kept what belongs to the other's task: %+v", first)
				}
			})
		})
	}
}

func await(t *testing.T, l *ledger.Ledger, run ledger.Run) ledger.Run {
	t.Helper()
	run, err := l.Await(t.Context(), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestTwoCallersMayHaveTheSameTask(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		started(t, l, "1")
		started(t, l, "1", by(otherCaller))
		if run := runOf(t, l, "1"); run.Caller != me {
			t.Errorf("got another caller's run %+v", run)
		}
	})
}

func TestInvalidSettlementIsAnError(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		run := begin(t, l).Run
		for name, err := range map[string]error{
			"started without a task": l.Settle(t.Context(), run.ID, ledger.Settlement{State: ledger.Started}),
			"refused with a task":    l.Settle(t.Context(), run.ID, ledger.Settlement{State: ledger.Refused, TaskID: "1"}),
			"intended":               l.Settle(t.Context(), run.ID, ledger.Settlement{State: ledger.Intended}),
			"no state":               l.Settle(t.Context(), run.ID, ledger.Settlement{}),
			"no such run":            l.Settle(t.Context(), run.ID+1, lost),
			"no run":                 l.Settle(t.Context(), 0, lost),
		} {
			if err == nil || errors.Is(err, ledger.ErrUnavailable) {
				t.Errorf("%s: got %v, want an error that is not ErrUnavailable", name, err)
			}
		}
	})
}

func TestStartIsAdoptedOnceItsLeaseIsOver(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		c := newClock()
		l := open(t, path, c.Now)
		run := begin(t, l).Run
		for _, fact := range []struct {
			when    time.Duration // since the fact before
			adopted bool
		}{
			{0, false},
			{20*time.Second - time.Millisecond, false},
			{time.Millisecond, true},
			{0, false},
			{20*time.Second - time.Millisecond, false},
			{time.Millisecond, true},
		} {
			c.move(fact.when)
			got, adopted, err := l.Adopt(t.Context(), run.ID)
			if err != nil || adopted != fact.adopted || !got.Leased {
				t.Errorf("%v: adopted %v, leased %v, error %v, want %v", fact.when, adopted, got.Leased, err, fact.adopted)
			}
		}
		settle(t, l, run, unknown)
		if _, adopted, err := l.Adopt(t.Context(), run.ID); !adopted || err != nil {
			t.Errorf("an unclear start: adopted %v, error %v", adopted, err)
		}
		settle(t, l, run, lost)
		if got, adopted, err := l.Adopt(t.Context(), run.ID); adopted || err != nil || got.State != ledger.Lost {
			t.Errorf("a lost start: adopted %v, %s, error %v", adopted, got.State, err)
		}
	})
}

func TestAwaitEndsWithTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, ledger.InMemory)
		run := begin(t, l).Run
		from := time.Now()
		run = await(t, l, run)
		if waited := time.Since(from); run.Leased || run.State != ledger.Intended || waited < 20*time.Second || waited > 21*time.Second {
			t.Errorf("got %s, leased %v, after %v", run.State, run.Leased, waited)
		}
	})
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, ledger.InMemory)
		run := begin(t, l).Run
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		from := time.Now()
		got, err := l.Await(ctx, run.ID)
		if !errors.Is(err, context.DeadlineExceeded) || got.ID != run.ID || time.Since(from) != time.Second {
			t.Errorf("got run %d, error %v after %v", got.ID, err, time.Since(from))
		}
	})
}

func TestAwaitSeesWhatAnotherLedgerSettles(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	synctest.Test(t, func(t *testing.T) {
		one, other := open(t, path), open(t, path)
		run := begin(t, one).Run
		go func() {
			time.Sleep(7 * time.Second)
			settle(t, other, run, answered)
		}()
		from := time.Now()
		run = await(t, one, run)
		if waited := time.Since(from); run.TaskID != "answered" || waited > 8*time.Second {
			t.Errorf("got task %q after %v", run.TaskID, waited)
		}
	})
}
