package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

var errBatchExists = errors.New("a batch with this id exists")

// A Batch is a number of runs of one workflow or template, a row each. All methods
// about batches need the file: their error may be ErrUnavailable.
type Batch struct {
	ID       string
	Caller   string // see [HashCaller]
	Kind     Kind
	TargetID string
	// Settings is what all rows have in common beside that, in the form that the caller
	// of NewBatch chooses. It must not hold inputs: it is kept as long as the batch.
	Settings  json.RawMessage
	CreatedAt time.Time // by this machine's clock
	Rows      []Row     // numbered from 1
}

// A RowState says how far a row of a batch is.
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

// A Row is one run of a batch. Its inputs are in the ledger's file from NewBatch until
// it is started, refused or given up, and nowhere in the file after that.
type Row struct {
	Number int
	State  RowState
	Inputs json.RawMessage // given by NewBatch's caller and by ClaimRow, else nil
	TaskID string          // of RowStarted
	Reason string          // of RowRefused

	run        int64     // the ID of its run, 0 while there is none
	leaseUntil time.Time // zero for none
}

// over reports whether the row's end is known, so that its inputs are not needed.
func (r Row) over() bool { return r.State != RowQueued && r.State != RowStarting }

// at returns r as it is now: a row whose lease is over is queued again.
func (r Row) at(now time.Time) Row {
	if r.State == RowStarting && r.run == 0 && !leaseValid(r.leaseUntil, now, RowLease) {
		r.State = RowQueued
	}
	return r
}

// NewBatch records a batch whose rows are all queued. Its rows need inputs, and
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
	_ = l.failover.ready(ctx) // rows have got their tasks while the file could not be used
	err = l.viewMain(ctx, "batch", func(t tx) (err error) {
		b, found, err = t.batch(caller, id)
		return err
	})
	for n, row := range b.Rows {
		row.Inputs = nil
		b.Rows[n] = row.at(l.now())
	}
	return b, found, err
}

// RowInputs returns the inputs of a row that is not over.
func (l *Ledger) RowInputs(ctx context.Context, caller, batchID string, number int) (inputs json.RawMessage, err error) {
	err = l.viewMain(ctx, "row inputs", func(t tx) error {
		row, found, err := t.row(caller, batchID, number)
		if err == nil && (!found || row.Inputs == nil) {
			err = fmt.Errorf("row %d of batch %q has no inputs", number, batchID)
		}
		inputs = row.Inputs
		return err
	})
	return inputs, err
}

// ClaimRow takes the first queued row of a caller's batch, and says whether there was
// one. The caller has RowLease to Begin a run for it; if no run of it comes about,
// SettleRow says what to do with the row.
func (l *Ledger) ClaimRow(ctx context.Context, caller, batchID string) (claimed Row, found bool, err error) {
	err = l.changeRows(ctx, "claim row", caller, batchID, func(now time.Time, row *Row) bool {
		if found || row.State != RowQueued {
			return false
		}
		row.State, row.leaseUntil = RowStarting, now.Add(RowLease)
		claimed, found = *row, true
		return true
	})
	return claimed, found && err == nil, err
}

// A RowSettlement says what came of a claimed row: RowStarted with the task that
// answers it, RowRefused with a reason, or RowQueued to queue it again.
type RowSettlement struct {
	State  RowState
	TaskID string
	Reason string
}

// SettleRow records what came of a claimed row that Settle does not know of: it was
// not started, or it has the task of an identical run. Rows whose run was settled with
// a task need no more, and rows that are over stay as they are.
func (l *Ledger) SettleRow(ctx context.Context, caller, batchID string, number int, s RowSettlement) error {
	return l.changeRows(ctx, "settle row", caller, batchID, func(_ time.Time, row *Row) bool {
		if row.Number != number || row.over() || row.run != 0 {
			return false
		}
		row.State, row.TaskID, row.Reason, row.leaseUntil = s.State, s.TaskID, s.Reason, time.Time{}
		return true
	})
}

// GiveUpRows gives up the queued rows of a caller's batch, and returns their number.
func (l *Ledger) GiveUpRows(ctx context.Context, caller, batchID string) (n int, err error) {
	err = l.changeRows(ctx, "give up rows", caller, batchID, func(_ time.Time, row *Row) bool {
		if row.State != RowQueued {
			return false
		}
		n++
		row.State = RowGivenUp
		return true
	})
	return n, err
}

// changeRows saves the rows for which change returns true.
func (l *Ledger) changeRows(ctx context.Context, doing, caller, batchID string, change func(now time.Time, row *Row) bool) error {
	now := stamp(l.now())
	return l.updateMain(ctx, doing, func(t tx) error {
		batch, found, err := t.batch(caller, batchID)
		if err == nil && !found {
			err = fmt.Errorf("batch %q does not exist", batchID)
		}
		for _, row := range batch.Rows {
			if row = row.at(now); err == nil && change(now, &row) {
				err = saveRow(t, batchID, row)
			}
		}
		return err
	})
}

// saveRow saves row, without its inputs if they are not needed any more.
func saveRow(t tx, batchID string, row Row) error {
	if row.over() {
		row.Inputs = nil
	}
	return t.saveRow(batchID, row)
}

// updateRow brings the row that run is for, if any, up to date.
func updateRow(t tx, run Run) error {
	if run.BatchID == "" {
		return nil
	}
	row, found, err := t.row(run.Caller, run.BatchID, run.Row)
	if err != nil || !found {
		return err
	}
	return saveRow(t, run.BatchID, row.withRun(run))
}

// withRun adds what is known of r's run. If that came to nothing, the lease counts again.
func (r Row) withRun(run Run) Row {
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
