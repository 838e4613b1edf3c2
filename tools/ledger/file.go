package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// A file is a store in an SQLite database, which is opened by its first use. While
// that fails, every use tries again.
type file struct {
	path string

	mu     sync.Mutex
	db     *sql.DB // nil before the first use
	closed bool
}

func newFile(path string) *file { return &file{path: path} }

func (f *file) update(ctx context.Context, do func(tx) error) error {
	return f.transact(ctx, nil, do)
}

func (f *file) view(ctx context.Context, do func(tx) error) error {
	return f.transact(ctx, &sql.TxOptions{ReadOnly: true}, do)
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.db == nil {
		return nil
	}
	db := f.db
	f.db = nil
	return db.Close()
}

func (f *file) transact(ctx context.Context, opts *sql.TxOptions, do func(tx) error) error {
	db, err := f.open(ctx)
	if err != nil {
		return f.judge(ctx, err)
	}
	t, err := within(ctx, db, opts, do)
	if err != nil {
		return f.judge(ctx, err)
	}
	if t.erased {
		scrub(ctx, db)
	}
	return nil
}

// within runs do in a transaction of db.
func within(ctx context.Context, db *sql.DB, opts *sql.TxOptions, do func(tx) error) (*fileTx, error) {
	inner, err := db.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer inner.Rollback() // after a commit it does nothing
	t := newFileTx(ctx, inner)
	if err := do(t); err != nil {
		return nil, err
	}
	return t, inner.Commit()
}

// scrub empties the write-ahead log, in which inputs would live on that were
// erased. Where another process is just reading, the next erasure does it.
func scrub(ctx context.Context, db *sql.DB) {
	_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
}

// open returns the database, which it opens the first time.
func (f *file) open(ctx context.Context) (*sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, &UnavailableError{Reason: reasonClosed, Path: f.path}
	case f.db != nil:
		return f.db, nil
	}
	db, err := openDatabase(ctx, f.path)
	if err == nil {
		f.db = db
	}
	return db, err
}

// judge makes of err an UnavailableError where the file is at fault.
func (f *file) judge(ctx context.Context, err error) error {
	var told *UnavailableError
	switch why := f.why(err); {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &told):
		told.Path = f.path
		return told
	case why != "":
		return &UnavailableError{Reason: why, Path: f.path, Err: err}
	default:
		return err
	}
}

// why returns the reason for which err makes the file unavailable; "" for none.
func (f *file) why(err error) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return reasonClosed // and what was under way noticed
	}
	return reason(err)
}
