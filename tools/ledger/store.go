package ledger

import (
	"context"
	"slices"
	"time"
)

// A store keeps runs and batches, in a file or in memory. It knows no rules.
type store interface {
	// update keeps what do changed if it returns nil. All processes update one at a time.
	update(ctx context.Context, do func(tx) error) error
	// view runs do, which only reads, and sees one moment.
	view(ctx context.Context, do func(tx) error) error
	// generation counts, from 1, how often what is stored was found to be something
	// else: a file that was exchanged is another one.
	generation(ctx context.Context) (int, error)
	close() error
}

// A tx is the inside of a transaction.
type tx interface {
	// insert adds a run, whose ID must be new.
	insert(run Run) error
	// save replaces the run of the same ID.
	save(run Run) error
	// runs returns what q asks for, in descending order of their IDs.
	runs(q query) ([]Run, error)
	// count returns how many runs there are of q without its limit.
	count(q query) (int, error)
	// spent adds up a caller's live runs begun since then, and those in flight.
	spent(caller string, since, now time.Time) (Spending, error)

	// bind makes an idempotency key belong to a run, from then on.
	bind(key boundKey) error
	// bound returns a key that was bound then or later; the zero boundKey for none.
	bound(key string, since time.Time) (boundKey, error)

	insertBatch(b Batch) error
	batch(caller, id string) (Batch, bool, error) // with the rows' inputs
	row(caller, batchID string, number int) (Row, bool, error)
	saveRow(batchID string, row Row) error

	// prune deletes runs that are over, batches and keys from before then; and gives
	// up rows that were queued before the other time.
	prune(before, queuedBefore time.Time) error
	// touch writes something that changes nothing.
	touch() error
}

// A boundKey is the hash of an idempotency key, and the run that it belongs to.
type boundKey struct {
	key  string
	run  int64
	from time.Time
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
	live        bool  // see Run.live
	unsettled   bool  // see Run.unsettled
	open        bool  // not known to have ended
	before      int64 // IDs are smaller
	begunFrom   time.Time
	sentFrom    time.Time
	sentTo      time.Time

	offset, limit int // limit 0: all
}

// A condition is one thing that a query asks for, in SQL and in Go.
type condition struct {
	asked bool
	sql   string
	arg   any // nil for none
	holds func(*Run) bool
}

const (
	liveSQL      = "state IN ('intended', 'started', 'unknown')"
	unsettledSQL = "state IN ('intended', 'unknown')"
)

// conditions returns what q asks for.
func (q query) conditions() []condition {
	all := []condition{
		{q.id != 0, "id = ?", q.id, func(r *Run) bool { return r.ID == q.id }},
		{q.caller != "", "caller = ?", q.caller, func(r *Run) bool { return r.Caller == q.caller }},
		{q.task != "", "task = ?", q.task, func(r *Run) bool { return r.TaskID == q.task }},
		{q.fingerprint != "", "fingerprint = ?", q.fingerprint, func(r *Run) bool { return r.Fingerprint == q.fingerprint }},
		{q.kind != "", "kind = ?", q.kind, func(r *Run) bool { return r.Kind == q.kind }},
		{q.target != "", "target = ?", q.target, func(r *Run) bool { return r.TargetID == q.target }},
		{q.status != "", "status = ?", q.status, func(r *Run) bool { return r.Status == q.status }},
		{q.state != "", "state = ?", q.state, func(r *Run) bool { return r.State == q.state }},
		{q.live, liveSQL, nil, func(r *Run) bool { return r.live() }},
		{q.unsettled, unsettledSQL, nil, func(r *Run) bool { return r.unsettled() }},
		{q.open, "ended_at = 0", nil, func(r *Run) bool { return !r.Ended() }},
		{q.before != 0, "id < ?", q.before, func(r *Run) bool { return r.ID < q.before }},
		{!q.begunFrom.IsZero(), "begun_at >= ?", millis(q.begunFrom), func(r *Run) bool { return !r.BegunAt.Before(q.begunFrom) }},
		{!q.sentFrom.IsZero(), "sent_at >= ?", millis(q.sentFrom), func(r *Run) bool { return !r.SentAt.Before(q.sentFrom) }},
		{!q.sentTo.IsZero(), "sent_at <= ?", millis(q.sentTo), func(r *Run) bool { return !r.SentAt.After(q.sentTo) }},
	}
	return slices.DeleteFunc(all, func(c condition) bool { return !c.asked })
}

// first returns the first element of all, the zero value if there is none.
func first[T any](all []T) (value T) {
	if len(all) > 0 {
		value = all[0]
	}
	return value
}

// page returns the runs that q's offset and limit leave.
func (q query) page(runs []Run) []Run {
	runs = runs[min(q.offset, len(runs)):]
	if q.limit > 0 && q.limit < len(runs) {
		runs = runs[:q.limit]
	}
	return slices.Clip(runs)
}
