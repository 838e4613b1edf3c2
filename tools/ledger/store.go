package ledger

import (
	"context"
	"slices"
	"time"
)

// A store keeps runs and batches, in a file or in memory. It knows no rules.
type store interface {
	// update runs do and keeps what it changed if it returns nil, else nothing. No
	// two updates happen at the same time, in whatever process.
	update(ctx context.Context, do func(tx) error) error
	// view runs do, which only reads, and sees one moment.
	view(ctx context.Context, do func(tx) error) error
	// generation counts how often what is stored was found or made, from 1: a file
	// that was exchanged is another one.
	generation(ctx context.Context) (int, error)
	// hasOlder reports whether it has runs of the caller that were begun since then and
	// before this process first opened it.
	hasOlder(caller string, since time.Time) bool
	close() error
}

// A tx is the inside of a transaction.
type tx interface {
	// insert adds a run, whose ID must be new.
	insert(run Run) error
	// save replaces the run of the same ID.
	save(run Run) error
	// runs returns what q asks for, newest first.
	runs(q query) ([]Run, error)
	// count returns how many runs there are of q without its limit.
	count(q query) (int, error)
	spent(caller string, since, now time.Time) (Spending, error)

	// bind makes an idempotency key belong to a run, from then on.
	bind(key string, run int64, from time.Time) error
	// bound returns the run that a key has belonged to since then or later, 0 for
	// none.
	bound(key string, since time.Time) (int64, error)

	insertBatch(b Batch) error
	batch(caller, id string) (Batch, bool, error) // with the rows' inputs
	row(caller, batchID string, number int) (Row, bool, error)
	saveRow(batchID string, row Row) error

	// prune deletes runs that are over, batches and keys from before then; and
	// gives up rows that were queued before the other time.
	prune(before, queuedBefore time.Time) error
	// touch writes something that changes nothing.
	touch() error
}

// A query asks for runs. Zero members ask for nothing.
type query struct {
	id          int64
	caller      string
	task        string
	fingerprint string
	kind        Kind
	target      string
	status      string
	state       State
	live        bool // see Run.live
	unsettled   bool // see Run.unsettled
	open        bool // not known to have ended
	begunFrom   time.Time
	sentFrom    time.Time
	sentTo      time.Time

	offset, limit int // limit 0: all
}

// matches says whether q asks for run.
func (q query) matches(run *Run) bool {
	return is(q.id, run.ID) && is(q.caller, run.Caller) && is(q.task, run.TaskID) &&
		is(q.fingerprint, run.Fingerprint) && is(q.kind, run.Kind) && is(q.target, run.TargetID) &&
		is(q.status, run.Status) && is(q.state, run.State) &&
		q.stands(run) && q.when(run)
}

// stands says whether run stands where q asks for.
func (q query) stands(run *Run) bool {
	return (!q.live || run.live()) && (!q.unsettled || run.unsettled()) && (!q.open || !run.Ended())
}

// when says whether run was at the times that q asks for.
func (q query) when(run *Run) bool {
	return !run.BegunAt.Before(q.begunFrom) && !run.SentAt.Before(q.sentFrom) &&
		(q.sentTo.IsZero() || !run.SentAt.After(q.sentTo))
}

func is[T comparable](asked, is T) bool {
	var zero T
	return asked == zero || asked == is
}

// page returns the runs that q's offset and limit leave.
func (q query) page(runs []Run) []Run {
	runs = runs[min(q.offset, len(runs)):]
	if q.limit > 0 && q.limit < len(runs) {
		runs = runs[:q.limit]
	}
	return slices.Clip(runs)
}
