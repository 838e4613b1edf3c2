package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A chance draws what happens next; the same seed draws the same.
type chance struct{ *rand.Rand }

func one[T any](c chance, of ...T) T { return of[c.IntN(len(of))] }

func (c chance) small() string { return fmt.Sprint(c.IntN(4)) }

func (c chance) task() string { return fmt.Sprint(c.IntN(40)) }

func (c chance) start() ledger.Start {
	return ledger.Start{
		Caller: one(c, "a", "a", "b"), Kind: one(c, ledger.Workflow, ledger.Template), TargetID: c.small(),
		Fingerprint: c.small(), IdempotencyKey: one(c, "", "", c.small()), AllowDuplicate: c.IntN(3) == 0,
		Reserve: int64(c.IntN(50)),
		Limits: ledger.Limits{
			RunsPerDay: one(c, 0, 0, 9), ActiveRuns: one(c, 0, 0, 5), CreditsPerDay: one[int64](c, 0, 0, 400),
			WarnOnly: c.IntN(2) == 0,
		},
		BatchID: one(c, "", "", "", "1"), Row: c.IntN(5),
	}
}

func (c chance) settlement() ledger.Settlement {
	return one(c,
		ledger.Settlement{State: ledger.Started, TaskID: c.task(), Matched: c.IntN(2) == 0},
		ledger.Settlement{State: ledger.Started, TaskID: c.task()},
		ledger.Settlement{State: ledger.Unknown}, ledger.Settlement{State: ledger.Refused}, ledger.Settlement{State: ledger.Lost},
	)
}

func (c chance) observation(now time.Time) ledger.Observation {
	return ledger.Observation{
		Status:  one(c, "", "created", "running", "paused", "finished", "failed"),
		Credits: one(c, nil, new(int64(c.IntN(90)))),
		EndedAt: one(c, time.Time{}, now.Add(time.Duration(c.IntN(3600))*time.Second)),
	}
}

// happen lets something happen to l and returns what was answered.
func (c chance) happen(t *testing.T, l *ledger.Ledger, clock *clock) []any {
	ctx, caller, id := t.Context(), one(c, "a", "b"), int64(c.IntN(60))
	result := func(values ...any) []any { return values }
	switch c.IntN(16) {
	case 0, 1, 2, 3:
		return result(l.Begin(ctx, c.start()))
	case 4, 5, 6:
		return result(l.Settle(ctx, id, c.settlement()))
	case 7, 8:
		task := c.task()
		return result(l.Observe(ctx, caller, task, c.observation(clock.Now())), c.IntN(3) == 0 && l.MarkReported(ctx, caller, task) != nil)
	case 9:
		return result(l.Adopt(ctx, id))
	case 10:
		filter := ledger.Filter{Status: one(c, "", "finished"), Kind: one(c, "", ledger.Workflow), TargetID: one(c, "", c.small())}
		return result(l.List(ctx, caller, filter, c.IntN(3), 1+c.IntN(5)))
	case 11:
		return result(l.Spent(ctx, caller, clock.Now().Add(-time.Duration(c.IntN(30))*time.Hour)))
	case 12:
		clock.move(one(c, time.Second, 15*time.Second, 10*time.Minute, 9*time.Hour, 45*day))
		return nil
	case 13:
		rows := []ledger.Row{{Inputs: []byte("1")}, {Inputs: []byte("2")}, {Inputs: []byte("3")}}
		return result(l.NewBatch(ctx, ledger.Batch{ID: one(c, "1", c.task()), Caller: "a", Kind: ledger.Workflow, Rows: rows}))
	case 14:
		return result(l.ClaimRow(ctx, caller, "1"))
	default:
		s := ledger.RowSettlement{State: one(c, ledger.RowQueued, ledger.RowRefused, ledger.RowStarted), TaskID: c.task()}
		return result(l.SettleRow(ctx, caller, "1", 1+c.IntN(3), s))
	}
}

// standing is all that l returns.
func standing(t *testing.T, l *ledger.Ledger) []any {
	var all []any
	add := func(values ...any) { all = append(all, values...) }
	for _, caller := range []string{"a", "b"} {
		add(list(t, l, caller, ledger.Filter{}, 1, 1000))
		add(l.Unsettled(t.Context(), caller))
		add(l.InFlight(t.Context(), caller))
		add(l.Typical(t.Context(), caller, ledger.Workflow, "1"))
		add(l.Batch(t.Context(), caller, "1"))
	}
	return all
}

// What happens at random has the same answers in every store as in memory.
func TestStoresAnswerAlike(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		if path == ledger.InMemory {
			t.Skip("the others are compared with it")
		}
		for seed := range uint64(6) {
			clocks := [2]*clock{newClock(), newClock()}
			chances := [2]chance{{rand.New(rand.NewPCG(seed, 7))}, {rand.New(rand.NewPCG(seed, 7))}}
			ledgers := [2]*ledger.Ledger{
				open(t, ledger.InMemory, clocks[0].Now),
				open(t, path+fmt.Sprint(seed), clocks[1].Now),
			}
			for _, l := range ledgers {
				ledger.CountIDs(l)
			}
			for n := range 250 {
				var answers [2][]any
				for i, l := range ledgers {
					answers[i] = chances[i].happen(t, l, clocks[i])
				}
				wantAlike(t, fmt.Sprintf("seed %d, step %d", seed, n), answers)
			}
			wantAlike(t, fmt.Sprintf("seed %d, at the end", seed), [2][]any{standing(t, ledgers[0]), standing(t, ledgers[1])})
		}
	})
}

func wantAlike(t *testing.T, when string, answers [2][]any) {
	t.Helper()
	asText := cmp.Transformer("text", func(err error) string { return fmt.Sprint(err) })
	hidden := cmpopts.IgnoreUnexported(ledger.Run{}, ledger.Row{}, ledger.Claim{})
	if diff := cmp.Diff(answers[0], answers[1], hidden, asText, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s: memory (-) and this store (+) differ: %s", when, diff)
	}
}
