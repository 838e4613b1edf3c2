package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Start is a run about to be requested.
type Start struct {
	Caller   string // see [HashCaller]
	Kind     Kind
	TargetID string // the workflow's or the template's id
	// Fingerprint is a hash of all that makes two starts the same.
	Fingerprint string
	// InputShapes are hashes of every shape in which the API may return the inputs.
	InputShapes []string
	// IdempotencyKey is the caller's own name for this start, "" for none. Only a
	// hash of it is kept.
	IdempotencyKey string
	// AllowDuplicate starts it also while an identical run is known.
	AllowDuplicate bool
	// Reserve is how many credits the run counts for until it has ended.
	Reserve int64
	Limits  Limits
	// BatchID and Row are the row of a batch that this run is for, if any.
	BatchID string
	Row     int
	// SentAt is the time by the API's clock as far as known; the zero time is now.
	SentAt time.Time
}

// An Outcome is the answer to a Begin.
type Outcome string

// The outcomes of a Begin.
const (
	// Claimed means that the start is the caller's: send it once, within
	// MaxPreparation, then Settle.
	Claimed Outcome = "claimed"
	// Duplicate means that Run is the one requested, and it has a TaskID. It may have
	// ended unseen: then Observe it and Begin again.
	Duplicate Outcome = "duplicate"
	// Pending means that Run is an identical start whose outcome is not known yet.
	// While it is Leased another caller is working on it: Await it. Otherwise a crash
	// or an unclear answer left it open: Adopt it, search for its task, Settle it, and
	// Begin again.
	Pending Outcome = "pending"
	// KeyConflict means that the idempotency key belongs to Run, another start.
	KeyConflict Outcome = "key_conflict"
	// OverBudget means that a limit is reached; Exceeded says which.
	OverBudget Outcome = "over_budget"
)

// A Claim answers a Begin.
type Claim struct {
	Outcome Outcome
	// Run is the run that was recorded or found; zero if OverBudget.
	Run Run
	// Exceeded is the limit that is reached; also of a Claimed start if its limits
	// only warn. Otherwise nil.
	Exceeded *Exceeded
	// Degraded says why the file could not be used and the memory answered, for the
	// caller to show. It is [ErrUnavailable]; nil if the file answered.
	Degraded error

	remembers bool // see Remembers
}

// Begin records that a run is about to be requested, unless there is a reason not to:
// the idempotency key has its run, an identical run counts, or a limit is reached, in
// this order. All in one transaction: of identical starts at the same time, in however
// many processes, one is Claimed, and limits hold.
//
// An identical run counts while it has not ended, however old it is, and for 2 minutes
// after its end; for 10 if the end was not reported, or if the run was requested again
// while it lasted. Starts that were Refused or Lost do not count, nor do they hold
// their key. An idempotency key belongs to the run that its first Begin was answered
// with, be it a new one or not.
//
// The error is ErrUnavailable if the file cannot be used and the start needs it: the
// row of a batch does, and one with limits that are enforced.
func (l *Ledger) Begin(ctx context.Context, s Start) (Claim, error) {
	if s.Caller == "" || s.Kind == "" || s.TargetID == "" || s.Fingerprint == "" {
		return Claim{}, errors.New("ledger: begin: a start needs a caller, a kind, a target and a fingerprint")
	}
	var claim Claim
	claims := func(t tx) (err error) {
		run := l.intend(s)
		if claim, err = s.claim(t, run); err == nil && claim.Outcome == Claimed {
			claim.remembers, err = l.hasOlder(t, run)
		}
		return err
	}
	degraded, err := l.failover.updateOr(ctx, claims, func(cause error) error {
		if s.BatchID != "" || s.Limits.enforced() {
			return cause
		}
		err := l.beginDegraded(ctx, s, claims)
		if claim.Outcome == Claimed {
			l.failover.gap.open()
		}
		return err
	})
	if err != nil {
		return Claim{}, explain("begin", err)
	}
	claim.Degraded = explain("begin", degraded)
	l.prune(ctx, degraded == nil)
	return claim, nil
}

// hasOlder reports whether t has runs of the caller of run that were begun before this
// process and no longer ago than a run can last, see Remembers. Runs that another process
// could not write may be missing.
func (l *Ledger) hasOlder(t tx, run Run) (bool, error) {
	if !l.failover.complete.Load() || l.failover.gap.others() {
		return false, nil
	}
	older, err := t.runs(query{caller: run.Caller, before: l.firstID, begunFrom: run.BegunAt.Add(-MaxRun), limit: 1})
	return len(older) > 0, err
}

// beginDegraded answers s from the fallback, after what can still be read of main.
func (l *Ledger) beginDegraded(ctx context.Context, s Start, claims func(tx) error) error {
	l.failover.prefetch(ctx, func(t tx) error {
		run := l.intend(s)
		claim, err := s.findByKey(t, run)
		if err == nil && claim.Outcome == "" {
			_, err = findIdentical(t, run)
		}
		return err
	})
	return l.failover.updateFallback(ctx, claims)
}

// intend is the run of s as it would be recorded now.
func (l *Ledger) intend(s Start) Run {
	now := stamp(l.now())
	run := Run{
		ID: l.newID(), Caller: s.Caller, Kind: s.Kind, TargetID: s.TargetID,
		Fingerprint: s.Fingerprint, InputShapes: slices.Clone(s.InputShapes), AllowDuplicate: s.AllowDuplicate,
		State: Intended, leaseUntil: now.Add(startLease),
		Reserve: clampCredits(s.Reserve), SentAt: stamp(s.SentAt), BegunAt: now,
		BatchID: s.BatchID, Row: s.Row,
	}
	if run.SentAt.IsZero() {
		run.SentAt = now
	}
	return run
}

// claim answers s, whose run would be the one given.
func (s Start) claim(t tx, run Run) (Claim, error) {
	claim, err := s.findByKey(t, run)
	if err == nil && claim.Outcome == "" {
		claim, err = s.claimNewKey(t, run)
	}
	if err == nil && claim.Outcome == Duplicate && !claim.Run.Ended() && claim.Run.RepeatedAt.IsZero() {
		claim.Run.RepeatedAt = run.BegunAt
		err = t.save(claim.Run)
	}
	claim.Run = claim.Run.at(run.BegunAt)
	return claim, err
}

// claimNewKey answers a start whose key, if any, is new, and binds it to the run.
func (s Start) claimNewKey(t tx, run Run) (Claim, error) {
	claim, err := findByRow(t, run)
	if err == nil && claim.Outcome == "" && !s.AllowDuplicate {
		claim, err = findIdentical(t, run)
	}
	if err == nil && claim.Outcome == "" {
		claim, err = s.record(t, run)
	}
	if err != nil || claim.Outcome == OverBudget || s.IdempotencyKey == "" {
		return claim, err
	}
	return claim, t.bind(boundKey{s.hashKey(), claim.Run.ID, run.BegunAt})
}

// record records the run unless a limit is reached.
func (s Start) record(t tx, run Run) (Claim, error) {
	exceeded, err := s.Limits.exceeded(t, run)
	if err != nil || exceeded != nil && !s.Limits.WarnOnly {
		return Claim{Outcome: OverBudget, Exceeded: exceeded}, err
	}
	if err := t.insert(run); err != nil {
		return Claim{}, err
	}
	return Claim{Outcome: Claimed, Run: run, Exceeded: exceeded}, updateRow(t, run)
}

// findByKey answers with the run that the idempotency key belongs to.
func (s Start) findByKey(t tx, start Run) (Claim, error) {
	if s.IdempotencyKey == "" {
		return Claim{}, nil
	}
	bound, err := t.bound(s.hashKey(), start.BegunAt.Add(-keyLife))
	if err != nil || bound.run == 0 {
		return Claim{}, err
	}
	runs, err := t.runs(query{id: bound.run, live: true})
	if err != nil || len(runs) == 0 {
		return Claim{}, err
	}
	if runs[0].Fingerprint != start.Fingerprint {
		return Claim{Outcome: KeyConflict, Run: runs[0]}, nil
	}
	return answer(runs[0]), nil
}

// hashKey is what stands for the idempotency key in the ledger.
func (s Start) hashKey() string { return hash("key", s.Caller, s.IdempotencyKey) }

// findByRow answers with the run that the row of the batch has already: there is no second
// one, even if its start allows duplicates. A row without a run must not be over.
func findByRow(t tx, start Run) (Claim, error) {
	if start.BatchID == "" {
		return Claim{}, nil
	}
	row, found, err := t.row(start.Caller, start.BatchID, start.Row)
	switch {
	case err != nil:
		return Claim{}, err
	case !found:
		return Claim{}, fmt.Errorf("row %d of batch %q does not exist", start.Row, start.BatchID)
	case row.run != 0:
		run, err := runByID(t, row.run)
		return answer(run), err
	case row.over():
		return Claim{}, fmt.Errorf("row %d of batch %q is %s", row.Number, start.BatchID, row.State)
	}
	return Claim{}, nil
}

// maxEnded is how many of the latest identical runs may count after their end.
const maxEnded = 20

// findIdentical answers with an identical run that counts: one with a task that has
// not ended, else a start whose outcome is open, else the one that ended last.
func findIdentical(t tx, start Run) (Claim, error) {
	same := query{caller: start.Caller, fingerprint: start.Fingerprint, live: true}
	open := same
	open.open = true
	runs, err := t.runs(open)
	if err != nil {
		return Claim{}, err
	}
	if len(runs) > 0 {
		withTask := slices.IndexFunc(runs, func(run Run) bool { return run.TaskID != "" })
		return answer(runs[max(0, withTask)]), nil
	}
	same.limit = maxEnded
	runs, err = t.runs(same)
	if n := slices.IndexFunc(runs, func(run Run) bool { return run.Counts(start.BegunAt, start.SentAt) }); n >= 0 {
		return answer(runs[n]), err
	}
	return Claim{}, err
}

func answer(run Run) Claim {
	if run.TaskID == "" {
		return Claim{Outcome: Pending, Run: run}
	}
	return Claim{Outcome: Duplicate, Run: run}
}
