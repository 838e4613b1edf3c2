package ledger

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// Day is the time that daily budgets look back on: always the last 24 hours.
	Day = 24 * time.Hour
	// keyLife is for how long an idempotency key answers with its run.
	keyLife = 24 * time.Hour
	// leaseLife is for how long a start is in flight at most: one has 15 s, after a
	// look at the account that may take 5 s.
	leaseLife = 20 * time.Second
)

// A Start is a run about to be asked for.
type Start struct {
	Caller   string // see [HashCaller]
	Kind     Kind
	TargetID string // the workflow's or the template's id
	// Fingerprint is a hash of all that makes two starts the same.
	Fingerprint string
	// InputShapes are hashes of every shape in which the API gives the inputs back.
	InputShapes []string
	// IdempotencyKey is the caller's own name for this start, "" for none. Only a
	// hash of it is kept.
	IdempotencyKey string
	// AllowDuplicate starts it also while an identical run is known.
	AllowDuplicate bool
	// Reserve is how many credits the run reserves until it has ended.
	Reserve int64
	Limits  Limits
	// BatchID and Row are the row of a batch that this run is for, if any.
	BatchID string
	Row     int
	// SentAt is the time by the API's clock as far as known; the zero time is now.
	SentAt time.Time
}

// Limits are budgets of one caller. A zero member does not limit.
type Limits struct {
	RunsPerDay    int
	ActiveRuns    int
	CreditsPerDay int64
	// WarnOnly lets a start pass that exceeds a limit; its Claim says so.
	WarnOnly bool
}

// An Outcome is the answer to a Begin.
type Outcome string

// The outcomes of a Begin.
const (
	// Claimed means that the start is the caller's: ask for it once, then Settle.
	Claimed Outcome = "claimed"
	// Duplicate means that Run is the one asked for, and it has a TaskID. It may
	// have ended unseen: then Observe it and Begin again.
	Duplicate Outcome = "duplicate"
	// Pending means that Run is an identical start whose outcome is not known yet.
	// While Run.Leased somebody is at it: Await them. Otherwise a crash or an
	// unclear answer left it open: Adopt it, look for its task, Settle it, and
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
	// Run is the run that was written down or found; zero if OverBudget.
	Run Run
	// Exceeded is the limit that is reached; also of a Claimed start if its limits
	// only warn. Otherwise nil.
	Exceeded *Exceeded
	// Degraded says why the answer was not written to the ledger's file but is
	// remembered until the process ends or the file can be used again. It is
	// [ErrUnavailable], nil if the file has it.
	Degraded error
}

// Begin writes down that a run is about to be asked for, unless there is a reason
// not to ask: the idempotency key has its run, an identical run counts, or a limit
// is reached; looked at in this order. All in one transaction: of identical starts
// at the same time, in however many processes, one is Claimed, and limits hold.
//
// An identical run counts while it has not ended, however old it is, and for 2
// minutes after its end; for 10 if no answer has told of the end, or if the run was
// asked for again while it ran. Starts that were Refused
// or Lost do not count, nor do they hold their key. An idempotency key belongs to
// the run that its first Begin was answered with, be it a new one or not.
func (l *Ledger) Begin(ctx context.Context, s Start) (Claim, error) {
	if s.Caller == "" || s.Kind == "" || s.TargetID == "" || s.Fingerprint == "" {
		return Claim{}, errors.New("ledger: begin: a start needs a caller, a kind, a target and a fingerprint")
	}
	claim, err := l.begin(ctx, s)
	if err != nil {
		return Claim{}, explain("begin", err)
	}
	claim.Degraded = explain("begin", claim.Degraded)
	l.tidy(ctx, claim.Degraded == nil)
	return claim, nil
}

// begin is Begin of a start that is complete. A Begin at a time sees what both the
// file and the memory know.
func (l *Ledger) begin(ctx context.Context, s Start) (claim Claim, err error) {
	f := l.failover
	claims := func(t tx) (err error) {
		claim, err = s.claim(t, l.run(s))
		return err
	}
	if f.fallback == nil {
		return claim, f.main.update(ctx, claims)
	}
	if err := f.enter(ctx); err != nil {
		return Claim{}, err
	}
	defer f.leave()
	err = f.beginMain(ctx, claims, &claim)
	if err == nil {
		s.remember(f, claim, stamp(l.now()))
		return claim, nil
	}
	if !f.failed(err) || s.BatchID != "" || s.Limits.enforced() {
		return Claim{}, err
	}
	l.prefetch(ctx, s)
	if fallbackErr := f.updateFallback(ctx, claims); fallbackErr != nil {
		return Claim{}, fallbackErr
	}
	if claim.Outcome == Claimed {
		f.noteGap()
	}
	claim.Degraded = err
	return claim, nil
}

// prefetch remembers what a file that cannot be written can still tell of a start:
// runs of other processes, and of those before this one.
func (l *Ledger) prefetch(ctx context.Context, s Start) {
	ctx, cancel := context.WithTimeout(ctx, softTimeout)
	defer cancel()
	var claim Claim
	now := stamp(l.now())
	err := l.failover.main.view(ctx, func(t tx) (err error) {
		claim, err = s.find(t, l.run(s))
		return err
	})
	if err == nil && claim.Outcome != "" {
		l.failover.remember([]Run{claim.Run}, s.boundKeys(claim.Run, now))
	}
}

// find answers s as Begin does if an identical run is known or its key has a run. It
// writes nothing. Otherwise the outcome is empty.
func (s Start) find(t tx, run Run) (Claim, error) {
	claim, err := s.byKey(t, run)
	if err != nil || claim.Outcome != "" || s.AllowDuplicate {
		return claim, err
	}
	return guard(t, run)
}

// remember copies what main answered to the fallback.
func (s Start) remember(f *failover, claim Claim, now time.Time) {
	if claim.Outcome == Claimed || claim.Outcome == Duplicate {
		f.remember([]Run{claim.Run}, s.boundKeys(claim.Run, now))
	}
}

// boundKeys returns the key of s, if any, bound to run.
func (s Start) boundKeys(run Run, now time.Time) []boundKey {
	if s.IdempotencyKey == "" {
		return nil
	}
	return []boundKey{{s.key(), run.ID, now}}
}

func (s Start) claim(t tx, run Run) (Claim, error) {
	now := run.BegunAt
	claim, err := s.byKey(t, run)
	if err == nil && claim.Outcome == "" {
		claim, err = s.beyondKey(t, run)
	}
	if err == nil && claim.Outcome == Duplicate && !claim.Run.Ended() && claim.Run.RepeatedAt.IsZero() {
		claim.Run.RepeatedAt = now
		err = t.save(claim.Run)
	}
	claim.Run = claim.Run.at(now)
	return claim, err
}

// beyondKey answers a start whose idempotency key, if any, is new: the run that it
// is answered with becomes the key's.
func (s Start) beyondKey(t tx, run Run) (Claim, error) {
	claim, err := s.known(t, run)
	if err == nil && claim.Outcome == "" {
		claim, err = s.write(t, run)
	}
	if err != nil || claim.Outcome == OverBudget || s.IdempotencyKey == "" {
		return claim, err
	}
	return claim, t.bind(s.key(), claim.Run.ID, run.BegunAt)
}

// write holds the limits and writes the intent down.
func (s Start) write(t tx, run Run) (Claim, error) {
	exceeded, err := s.Limits.exceeded(t, run)
	if err != nil || exceeded != nil && !s.Limits.WarnOnly {
		return Claim{Outcome: OverBudget, Exceeded: exceeded}, err
	}
	if err := t.insert(run); err != nil {
		return Claim{}, err
	}
	return Claim{Outcome: Claimed, Run: run, Exceeded: exceeded}, followRow(t, run)
}

// run is the intent of s, as it would be written down now.
func (l *Ledger) run(s Start) Run {
	now := stamp(l.now())
	run := Run{
		ID: l.newID(), Caller: s.Caller, Kind: s.Kind, TargetID: s.TargetID,
		Fingerprint: s.Fingerprint, InputShapes: slices.Clone(s.InputShapes), AllowDuplicate: s.AllowDuplicate,
		State: Intended, leaseUntil: now.Add(leaseLife),
		Reserve: plausible(s.Reserve), SentAt: stamp(s.SentAt), BegunAt: now,
		BatchID: s.BatchID, Row: s.Row,
	}
	if run.SentAt.IsZero() {
		run.SentAt = now
	}
	return run
}

// key is what stands for the idempotency key in the ledger.
func (s Start) key() string { return hash("key", s.Caller, s.IdempotencyKey) }

// byKey answers with the run that the idempotency key belongs to.
func (s Start) byKey(t tx, start Run) (Claim, error) {
	if s.IdempotencyKey == "" {
		return Claim{}, nil
	}
	id, err := t.bound(s.key(), start.BegunAt.Add(-keyLife))
	if err != nil || id == 0 {
		return Claim{}, err
	}
	runs, err := t.runs(query{id: id, live: true})
	if err != nil || len(runs) == 0 {
		return Claim{}, err
	}
	if runs[0].Fingerprint != start.Fingerprint {
		return Claim{Outcome: KeyConflict, Run: runs[0]}, nil
	}
	return already(runs[0]), nil
}

// known answers with a run that makes this one needless.
func (s Start) known(t tx, start Run) (Claim, error) {
	claim, err := byRow(t, start)
	if err != nil || claim.Outcome != "" || s.AllowDuplicate {
		return claim, err
	}
	return guard(t, start)
}

// byRow answers with the run that the row of the batch has already. A row has no
// second one, whatever its start allows.
func byRow(t tx, start Run) (Claim, error) {
	if start.BatchID == "" {
		return Claim{}, nil
	}
	row, err := rowOf(t, start)
	if err != nil || row.run == 0 {
		return Claim{}, err
	}
	run, err := runByID(t, row.run)
	return already(run), err
}

// guard answers with an identical run that counts: one with a task that has not
// ended, else a start whose outcome is open, else the one that ended last.
func guard(t tx, start Run) (Claim, error) {
	same := query{caller: start.Caller, fingerprint: start.Fingerprint, live: true}
	open := same
	open.open = true
	runs, err := t.runs(open)
	if err != nil {
		return Claim{}, err
	}
	if n := slices.IndexFunc(runs, func(run Run) bool { return run.TaskID != "" }); n >= 0 {
		return already(runs[n]), nil
	}
	if len(runs) > 0 {
		return already(runs[0]), nil
	}
	same.limit = mostEnded
	runs, err = t.runs(same)
	if err != nil {
		return Claim{}, err
	}
	if n := slices.IndexFunc(runs, func(run Run) bool { return run.Counts(start.BegunAt, start.SentAt) }); n >= 0 {
		return already(runs[n]), nil
	}
	return Claim{}, nil
}

// mostEnded is how many of the latest identical runs may still count after their end.
const mostEnded = 20

func already(run Run) Claim {
	if run.TaskID == "" {
		return Claim{Outcome: Pending, Run: run}
	}
	return Claim{Outcome: Duplicate, Run: run}
}
