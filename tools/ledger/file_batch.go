package ledger

import "encoding/json"

const batchColumns = "id, caller, kind, target, settings, created_at"

func batchFields(b *Batch) []any {
	return []any{&b.ID, &b.Caller, &b.Kind, &b.TargetID, textColumn[json.RawMessage]{&b.Settings}, timeColumn{&b.CreatedAt}}
}

const rowColumns = "number, state, inputs, run, task, reason, lease_until"

func rowFields(r *Row) []any {
	return []any{&r.Number, &r.State, textColumn[json.RawMessage]{&r.Inputs}, &r.run, &r.TaskID, &r.Reason, timeColumn{&r.leaseUntil}}
}

func (t *fileTx) insertBatch(b Batch) error {
	result, err := t.exec("INSERT INTO batches ("+batchColumns+") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		b.ID, b.Caller, b.Kind, b.TargetID, string(b.Settings), millis(b.CreatedAt))
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
	found, err := collect(batchFields)(t.query("SELECT "+batchColumns+" FROM batches WHERE caller = ? AND id = ?", caller, id))
	if err != nil || len(found) == 0 {
		return Batch{}, false, err
	}
	b := found[0]
	b.Rows, err = collect(rowFields)(t.query("SELECT "+rowColumns+" FROM batch_rows WHERE batch = ? ORDER BY number", id))
	return b, true, err
}

func (t *fileTx) row(caller, batchID string, number int) (Row, bool, error) {
	const row = "SELECT " + rowColumns + " FROM batch_rows JOIN batches ON batches.id = batch WHERE caller = ? AND batch = ? AND number = ?"
	found, err := collect(rowFields)(t.query(row, caller, batchID, number))
	return first(found), len(found) > 0, err
}

func (t *fileTx) saveRow(batchID string, row Row) error {
	t.erased = t.erased || row.Inputs == nil
	_, err := t.exec("REPLACE INTO batch_rows (batch, "+rowColumns+") VALUES ("+placeholders(8)+")",
		append([]any{batchID}, rowFields(&row)...)...)
	return err
}
