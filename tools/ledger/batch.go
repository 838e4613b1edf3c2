package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// rowLease is for how long a claimed row is its claimer's while no run of it has
// been begun.
const rowLease = time.Minute

var errBatchExists = errors.New("there is a batch of this id")

// A Batch is a number of runs of one workflow or template, a row each.
type Batch struct {
	ID       string
	Caller   string // see [HashCaller]
	Kind     Kind
	TargetID string
	// Settings is what all rows have in common beside that, in the words of who
	// made the batch. Inputs have no place in it: it is kept as long as the batch.
	Settings  json.RawMessage
	CreatedAt time.Time // by this machine's clock
	Rows      []Row     // numbered from 1
}

// A RowState says where a row of a batch stands.
type RowState string

// The states of a row.
const (
	// RowQueued waits to be claimed.
	RowQueued RowState = "queued"
	// RowStarting was claimed, or its run's outcome is not known yet.
	RowStarting RowState = "starting"
	// RowStarted has a task.
	RowStarted RowState = "started"
	// RowRefused was not started; Reason says why.
	RowRefused RowState = "refused"
	// RowGivenUp is not to be started any more.
	RowGivenUp RowState = "given_up"
)

// A Row is one run of a batch. Its inputs are in the ledger's file from NewBatch
// until it is started, refused or given up, and nowhere in the file after that.
type Row struct {
	Number int
	State  RowState
	Inputs json.RawMessage // given by NewBatch's caller and by ClaimRow, else nil
	TaskID string          // of RowStarted
	Reason string          // of RowRefused

	run        int64     // the ID of its run, 0 while there is none
	leaseUntil time.Time // zero for none
}

// over says whether the row's end is known, so that its inputs are needed no more.
func (r Row) over() bool { return r.State != RowQueued && r.State != RowStarting }

// at returns r as it stands now: a row whose claimer was lost is queued again.
func (r Row) at(now time.Time) Row {
	if r.State == RowStarting && r.run == 0 && !holds(r.leaseUntil, now, rowLease) {
		r.State = RowQueued
	}
	return r
}

// NewBatch writes down a batch whose rows all wait. Its rows need inputs, and
// nothing else.
func (l *Ledger) NewBatch(ctx context.Context, b Batch) error {
	b.CreatedAt = stamp(l.now())
	rows := make([]Row, len(b.Rows))
	for n, row := range b.Rows {
		if row.Inputs == nil {
			return fmt.Errorf("ledger: new batch: row %d has no inputs", n+1)
		}
		rows[n] = Row{Number: n + 1, State: RowQueued, Inputs: row.Inputs}
	}
	b.Rows = rows
	return l.updateMain(ctx, "new batch", func(t tx) error { return t.insertBatch(b) })
}

// Batch returns a caller's batch, and whether there is one of this id.
func (l *Ledger) Batch(ctx context.Context, caller, id string) (b Batch, found bool, err error) {
	_ = l.failover.syncIfNeeded(ctx) // what came of rows while the file could not be used
	err = l.viewMain(ctx, "batch", func(t tx) (err error) {
		b, found, err = t.batch(caller, id)
		return err
	})
	now := l.now()
	for n, row := range b.Rows {
		row.Inputs = nil
		b.Rows[n] = row.at(now)
	}
	return b, found, err
}

// RowInputs returns the inputs of a row that is not over.
func (l *Ledger) RowInputs(ctx context.Context, caller, batchID string, number int) (inputs json.RawMessage, err error) {
	err = l.viewMain(ctx, "row inputs", func(t tx) error {
		row, found, err := t.row(caller, batchID, number)
		if err == nil && (!found || row.Inputs == nil) {
			err = fmt.Errorf("row %d of the batch %q has none", number, batchID)
		}
		inputs = row.Inputs
		return err
	})
	return inputs, err
}

// ClaimRow takes the first row of a caller's batch that waits, and says whether
// there was one. The row is the caller's to Begin a run for within a minute; if no
// run of it comes about, SettleRow says what to do with it.
func (l *Ledger) ClaimRow(ctx context.Context, caller, batchID string) (claimed Row, found bool, err error) {
	err = l.changeRows(ctx, "claim row", caller, batchID, func(now time.Time, row Row) (Row, bool) {
		if found || row.State != RowQueued {
			return row, false
		}
		found = true
		row.State, row.leaseUntil = RowStarting, now.Add(rowLease)
		claimed = row
		return row, true
	})
	return claimed, found && err == nil, err
}

// A RowSettlement says what came of a claimed row: RowStarted with the task that
// answers it, RowRefused with a reason, or RowQueued to let it wait again.
type RowSettlement struct {
	State  RowState
	TaskID string
	Reason string
}

// SettleRow records what came of a claimed row that Settle does not know of: it
// was not started, or it has the task of an identical run. Rows whose run was
// settled with a task need no more, and rows that are over stay as they are.
func (l *Ledger) SettleRow(ctx context.Context, caller, batchID string, number int, s RowSettlement) error {
	return l.changeRows(ctx, "settle row", caller, batchID, func(_ time.Time, row Row) (Row, bool) {
		if row.Number != number || row.over() || row.run != 0 {
			return row, false
		}
		row.State, row.TaskID, row.Reason, row.leaseUntil = s.State, s.TaskID, s.Reason, time.Time{}
		return row, true
	})
}

// GiveUpRows gives up the rows of a caller's batch that wait, and says how many
// those were.
func (l *Ledger) GiveUpRows(ctx context.Context, caller, batchID string) (given int, err error) {
	err = l.changeRows(ctx, "give up rows", caller, batchID, func(_ time.Time, row Row) (Row, bool) {
		if row.State != RowQueued {
			return row, false
		}
		given++
		row.State = RowGivenUp
		return row, true
	})
	return given, err
}

// changeRows saves the rows that change returns true for.
func (l *Ledger) changeRows(ctx context.Context, doing, caller, batchID string, change func(now time.Time, row Row) (Row, bool)) error {
	now := stamp(l.now())
	return l.updateMain(ctx, doing, func(t tx) error {
		batch, found, err := t.batch(caller, batchID)
		if err == nil && !found {
			err = fmt.Errorf("there is no batch %q", batchID)
		}
		if err != nil {
			return err
		}
		for _, row := range batch.Rows {
			if row, changed := change(now, row.at(now)); changed {
				if err := saveRow(t, batchID, row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// saveRow saves row, without its inputs if they are needed no more.
func saveRow(t tx, batchID string, row Row) error {
	if row.over() {
		row.Inputs = nil
	}
	return t.saveRow(batchID, row)
}

// rowOf returns the row that start is for, which must not be over without a run.
func rowOf(t tx, start Run) (Row, error) {
	row, found, err := t.row(start.Caller, start.BatchID, start.Row)
	if err == nil && !found {
		err = fmt.Errorf("there is no row %d of a batch %q", start.Row, start.BatchID)
	}
	if err == nil && row.run == 0 && row.over() {
		err = fmt.Errorf("row %d of the batch is %s", row.Number, row.State)
	}
	return row, err
}

// followRow brings the row that run is for, if any, to where run stands.
func followRow(t tx, run Run) error {
	if run.BatchID == "" {
		return nil
	}
	row, found, err := t.row(run.Caller, run.BatchID, run.Row)
	if err != nil || !found {
		return err
	}
	return saveRow(t, run.BatchID, row.follow(run))
}

// follow returns r with what is known of its run. A row whose run came to nothing
// is its claimer's again, or it waits.
func (r Row) follow(run Run) Row {
	switch {
	case run.State == Started:
		r.State, r.run, r.TaskID = RowStarted, run.ID, run.TaskID
	case run.unsettled():
		r.State, r.run, r.TaskID = RowStarting, run.ID, ""
	case r.run == run.ID && r.Inputs == nil:
		r.State, r.run, r.Reason = RowRefused, 0, "its start left no trace"
	case r.run == run.ID:
		r.run = 0
	}
	return r
}
