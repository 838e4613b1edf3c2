package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
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

// columns are those of a run, but for its id.
const columns = `caller, kind, target, fingerprint, input_shapes, allow_duplicate,
	state, lease_until, task, matched, status, credits, assume,
	sent_at, begun_at, ended_at, told_at, batch, row,
	ended_here, repeated_at, absence`

func (t *fileTx) insert(run Run) error {
	values, err := valuesOf(run)
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO runs ("+columns+", id) VALUES ("+marks(len(values)+1)+")", append(values, run.ID)...)
	return err
}

func (t *fileTx) save(run Run) error {
	values, err := valuesOf(run)
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE runs SET ("+columns+") = ("+marks(len(values))+") WHERE id = ?", append(values, run.ID)...)
	return err
}

// valuesOf returns a run's columns.
func valuesOf(run Run) ([]any, error) {
	shapes, err := json.Marshal(run.InputShapes)
	if err != nil {
		return nil, err
	}
	absence, err := json.Marshal(run.Absence)
	if err != nil {
		return nil, err
	}
	return []any{
		run.Caller, run.Kind, run.TargetID, run.Fingerprint, string(shapes), run.AllowDuplicate,
		run.State, millis(run.leaseUntil),
		sql.NullString{String: run.TaskID, Valid: run.TaskID != ""},
		run.Matched, run.Status, run.Credits, run.Reserve,
		millis(run.SentAt), millis(run.BegunAt), millis(run.EndedAt), millis(run.ReportedAt), run.BatchID, run.Row,
		millis(run.endedHere), millis(run.RepeatedAt), string(absence),
	}, nil
}

func (t *fileTx) runs(q query) ([]Run, error) {
	where, args := q.where()
	statement := "SELECT id, " + columns + " FROM runs WHERE " + where + " ORDER BY id DESC"
	if q.limit > 0 {
		statement += " LIMIT ? OFFSET ?"
		args = append(args, q.limit, q.offset)
	}
	return collect(scanRun)(t.query(statement, args...))
}

func (t *fileTx) count(q query) (int, error) {
	where, args := q.where()
	n, err := only(collect(scanInt)(t.query("SELECT count(*) FROM runs WHERE "+where, args...)))
	return int(n), err
}

func scanRun(rows *sql.Rows) (Run, error) {
	var run Run
	var shapes, absence string
	var task sql.NullString
	var lease, sent, begun, ended, reported, endedHere, repeated int64
	err := rows.Scan(
		&run.ID, &run.Caller, &run.Kind, &run.TargetID, &run.Fingerprint, &shapes, &run.AllowDuplicate,
		&run.State, &lease, &task, &run.Matched, &run.Status, &run.Credits, &run.Reserve,
		&sent, &begun, &ended, &reported, &run.BatchID, &run.Row,
		&endedHere, &repeated, &absence,
	)
	if err != nil {
		return Run{}, err
	}
	run.TaskID = task.String
	run.leaseUntil, run.SentAt, run.BegunAt, run.EndedAt, run.ReportedAt = when(lease), when(sent), when(begun), when(ended), when(reported)
	run.endedHere, run.RepeatedAt = when(endedHere), when(repeated)
	if err := json.Unmarshal([]byte(absence), &run.Absence); err != nil {
		return Run{}, err
	}
	return run, json.Unmarshal([]byte(shapes), &run.InputShapes)
}

func (t *fileTx) spent(caller string, since, now time.Time) (Spending, error) {
	const statement = `
		WITH
		counting AS (
			SELECT * FROM runs WHERE caller = ?1 AND begun_at >= min(?2, ?3) AND ` + isLive + `
			UNION ALL
			SELECT * FROM runs WHERE caller = ?1 AND begun_at < min(?2, ?3) AND state = 'started' AND ended_at = 0
		),
		figures AS (
			SELECT
				begun_at >= ?2 AS recent,
				ended_at <> 0 AS ended,
				ended_at = 0 AND (state = 'started' OR begun_at >= ?3) AS in_flight,
				CASE
					WHEN credits IS NULL THEN assume
					WHEN ended_at <> 0 THEN credits
					ELSE max(assume, credits)
				END AS cost
			FROM counting
		)
		SELECT
			count(*) FILTER (WHERE recent),
			count(*) FILTER (WHERE in_flight),
			coalesce(sum(cost) FILTER (WHERE recent AND ended), 0),
			coalesce(sum(cost) FILTER (WHERE in_flight), 0)
		FROM figures`
	return only(collect(scanSpending)(t.query(statement, caller, millis(since), millis(dayUpTo(now)))))
}

func scanSpending(rows *sql.Rows) (Spending, error) {
	var s Spending
	return s, rows.Scan(&s.Runs, &s.Active, &s.Credits, &s.Reserved)
}

func (t *fileTx) bind(key string, run int64, from time.Time) error {
	_, err := t.exec("REPLACE INTO keys (key, run, bound_from) VALUES (?, ?, ?)", key, run, millis(from))
	return err
}

func (t *fileTx) bound(key string, since time.Time) (int64, error) {
	return only(collect(scanInt)(t.query("SELECT run FROM keys WHERE key = ? AND bound_from >= ?", key, millis(since))))
}

func (t *fileTx) touch() error {
	_, err := t.exec("UPDATE runs SET id = id WHERE id = (SELECT max(id) FROM runs)")
	return err
}

// collect returns what reads all rows of a query by scan. It takes a query's
// results as they are.
func collect[T any](scan func(*sql.Rows) (T, error)) func(*sql.Rows, error) ([]T, error) {
	return func(rows *sql.Rows, err error) (all []T, _ error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errDamaged, err)
			}
			all = append(all, one)
		}
		return all, rows.Err()
	}
}

// only returns the one element of all, or the zero value if there is not one.
func only[T any](all []T, err error) (T, error) {
	if err != nil || len(all) != 1 {
		var none T
		return none, err
	}
	return all[0], nil
}

func scanInt(rows *sql.Rows) (n int64, err error) {
	return n, rows.Scan(&n)
}

// millis returns t as the file keeps it; 0 is no time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// when is the inverse of millis.
func when(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
