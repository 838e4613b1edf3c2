package ledger

import (
	"database/sql"
	"encoding/json"
	"time"
)

func (t *fileTx) insertBatch(b Batch) error {
	const batch = "INSERT INTO batches (id, caller, kind, target, settings, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
	result, err := t.exec(batch, b.ID, b.Caller, b.Kind, b.TargetID, string(b.Settings), millis(b.CreatedAt))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errBatchExists
	}
	for _, row := range b.Rows {
		if err := t.saveRow(b.ID, row); err != nil {
			return err
		}
	}
	return nil
}

func (t *fileTx) batch(caller, id string) (Batch, bool, error) {
	const batch = "SELECT id, caller, kind, target, settings, created_at FROM batches WHERE caller = ? AND id = ?"
	found, err := collect(scanBatch)(t.query(batch, caller, id))
	if err != nil || len(found) == 0 {
		return Batch{}, false, err
	}
	b := found[0]
	b.Rows, err = collect(scanRow)(t.query("SELECT "+rowColumns+" FROM batch_rows WHERE batch = ? ORDER BY number", id))
	return b, true, err
}

func scanBatch(rows *sql.Rows) (Batch, error) {
	var b Batch
	var settings string
	var created int64
	err := rows.Scan(&b.ID, &b.Caller, &b.Kind, &b.TargetID, &settings, &created)
	b.CreatedAt = when(created)
	if settings != "" {
		b.Settings = json.RawMessage(settings)
	}
	return b, err
}

const rowColumns = "number, state, inputs, run, task, reason, lease_until"

func (t *fileTx) row(caller, batchID string, number int) (Row, bool, error) {
	const row = "SELECT " + rowColumns + " FROM batch_rows JOIN batches ON batches.id = batch WHERE caller = ? AND batch = ? AND number = ?"
	found, err := collect(scanRow)(t.query(row, caller, batchID, number))
	if err != nil || len(found) == 0 {
		return Row{}, false, err
	}
	return found[0], true, nil
}

func scanRow(rows *sql.Rows) (Row, error) {
	var row Row
	var inputs *string
	var lease int64
	err := rows.Scan(&row.Number, &row.State, &inputs, &row.run, &row.TaskID, &row.Reason, &lease)
	if inputs != nil {
		row.Inputs = json.RawMessage(*inputs)
	}
	row.leaseUntil = when(lease)
	return row, err
}

func (t *fileTx) saveRow(batchID string, row Row) error {
	t.erased = t.erased || row.Inputs == nil
	var inputs any
	if row.Inputs != nil {
		inputs = string(row.Inputs)
	}
	_, err := t.exec("REPLACE INTO batch_rows (batch, "+rowColumns+") VALUES ("+marks(8)+")",
		batchID, row.Number, row.State, inputs, row.run, row.TaskID, row.Reason, millis(row.leaseUntil))
	return err
}

func (t *fileTx) prune(before, queuedBefore time.Time) error {
	for _, step := range []struct {
		statement string
		bound     time.Time
	}{
		{"DELETE FROM runs WHERE begun_at < ? AND (ended_at <> 0 OR NOT " + isLive + ")", before},
		{"DELETE FROM keys WHERE bound_from < ?", before},
		{"DELETE FROM batch_rows WHERE batch IN (SELECT id FROM batches WHERE created_at < ?)", before},
		{"DELETE FROM batches WHERE created_at < ?", before},
		{`UPDATE batch_rows SET state = 'given_up', inputs = NULL WHERE state IN ('queued', 'starting') AND run = 0
			AND batch IN (SELECT id FROM batches WHERE created_at < ?)`, queuedBefore},
	} {
		result, err := t.exec(step.statement, millis(step.bound))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		t.erased = t.erased || n > 0
	}
	return nil
}
