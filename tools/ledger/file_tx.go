package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A fileTx is a transaction on a file.
type fileTx struct {
	exec  func(statement string, args ...any) (sql.Result, error)
	query func(statement string, args ...any) (*sql.Rows, error)
	// erased says that inputs were deleted, see scrub.
	erased bool
}

func newFileTx(ctx context.Context, t *sql.Tx) *fileTx {
	return &fileTx{
		exec: func(statement string, args ...any) (sql.Result, error) {
			return t.ExecContext(ctx, statement, args...)
		},
		query: func(statement string, args ...any) (*sql.Rows, error) {
			return t.QueryContext(ctx, statement, args...)
		},
	}
}

// runColumns are those of a run. Some have older names than the fields of Run.
const runColumns = `id, caller, kind, target, fingerprint, input_shapes, allow_duplicate,
	state, lease_until, task, matched, status, credits, assume,
	sent_at, begun_at, ended_at, told_at, batch, row,
	ended_here, repeated_at, absence`

// runFields are what runColumns hold, to read them and to write them.
func runFields(r *Run) []any {
	return []any{
		&r.ID, &r.Caller, &r.Kind, &r.TargetID, &r.Fingerprint,
		jsonColumn{&r.InputShapes},
		&r.AllowDuplicate,
		&r.State,
		timeColumn{&r.leaseUntil},
		textColumn[string]{&r.TaskID},
		&r.Matched, &r.Status, &r.Credits, &r.Reserve,
		timeColumn{&r.SentAt},
		timeColumn{&r.BegunAt},
		timeColumn{&r.EndedAt},
		timeColumn{&r.ReportedAt},
		&r.BatchID, &r.Row,
		timeColumn{&r.localEnd},
		timeColumn{&r.RepeatedAt},
		jsonColumn{&r.Absence},
	}
}

func (t *fileTx) insert(run Run) error {
	fields := runFields(&run)
	_, err := t.exec("INSERT INTO runs ("+runColumns+") VALUES ("+placeholders(len(fields))+")", fields...)
	return err
}

func (t *fileTx) save(run Run) error {
	fields := runFields(&run)
	_, err := t.exec("UPDATE runs SET ("+runColumns+") = ("+placeholders(len(fields))+") WHERE id = ?", append(fields, run.ID)...)
	return err
}

func (t *fileTx) runs(q query) ([]Run, error) {
	where, args := q.where()
	statement := "SELECT " + runColumns + " FROM runs WHERE " + where + " ORDER BY id DESC"
	if q.limit > 0 {
		statement += " LIMIT ? OFFSET ?"
		args = append(args, q.limit, q.offset)
	}
	return collect(runFields)(t.query(statement, args...))
}

func (t *fileTx) count(q query) (int, error) {
	where, args := q.where()
	fields := func(n *int) []any { return []any{n} }
	n, err := collect(fields)(t.query("SELECT count(*) FROM runs WHERE "+where, args...))
	return first(n), err
}

// where returns q as a condition of SQL, and its arguments.
func (q query) where() (string, []any) {
	terms, args := []string{"TRUE"}, []any(nil)
	for _, c := range q.conditions() {
		terms = append(terms, c.sql)
		if c.arg != nil {
			args = append(args, c.arg)
		}
	}
	return strings.Join(terms, " AND "), args
}

// spentSQL is Spending.add in SQL; ?2 is since, ?3 the first moment of the day.
const spentSQL = `
	WITH counted AS (
		SELECT
			begun_at >= ?2 AS recent,
			ended_at <> 0 AS ended,
			ended_at = 0 AND (state = 'started' OR begun_at >= ?3) AS in_flight,
			CASE WHEN credits IS NULL THEN assume WHEN ended_at <> 0 THEN credits ELSE max(assume, credits) END AS cost
		FROM (
			SELECT * FROM runs WHERE caller = ?1 AND begun_at >= min(?2, ?3) AND ` + liveSQL + `
			UNION ALL
			SELECT * FROM runs WHERE caller = ?1 AND begun_at < min(?2, ?3) AND state = 'started' AND ended_at = 0
		)
	)
	SELECT
		count(*) FILTER (WHERE recent),
		count(*) FILTER (WHERE in_flight),
		coalesce(sum(cost) FILTER (WHERE recent AND ended), 0),
		coalesce(sum(cost) FILTER (WHERE in_flight), 0)
	FROM counted`

func (t *fileTx) spent(caller string, since, now time.Time) (Spending, error) {
	fields := func(s *Spending) []any { return []any{&s.Runs, &s.Active, &s.Credits, &s.Reserved} }
	spent, err := collect(fields)(t.query(spentSQL, caller, millis(since), millis(dayBefore(now))))
	return first(spent), err
}

func (t *fileTx) bind(key boundKey) error {
	_, err := t.exec("REPLACE INTO keys (key, run, bound_from) VALUES (?, ?, ?)", key.key, key.run, millis(key.from))
	return err
}

func (t *fileTx) bound(key string, since time.Time) (boundKey, error) {
	fields := func(k *boundKey) []any { return []any{&k.key, &k.run, timeColumn{&k.from}} }
	bound, err := collect(fields)(t.query("SELECT key, run, bound_from FROM keys WHERE key = ? AND bound_from >= ?", key, millis(since)))
	return first(bound), err
}

func (t *fileTx) prune(before, queuedBefore time.Time) error {
	for _, step := range []struct {
		statement string
		bound     time.Time
	}{
		{"DELETE FROM runs WHERE begun_at < ? AND (ended_at <> 0 OR NOT " + liveSQL + ")", before},
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

func (t *fileTx) touch() error {
	_, err := t.exec("UPDATE runs SET id = id WHERE id = (SELECT max(id) FROM runs)")
	return err
}

// collect returns what reads the results of a query into values of these fields.
func collect[T any](fields func(*T) []any) func(*sql.Rows, error) ([]T, error) {
	return func(rows *sql.Rows, err error) (all []T, _ error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var value T
			if err := rows.Scan(fields(&value)...); err != nil {
				return nil, fmt.Errorf("%w: %w", errDamaged, err)
			}
			all = append(all, value)
		}
		return all, rows.Err()
	}
}

func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

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
