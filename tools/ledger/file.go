package ledger

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"
)

// A file is a store in an SQLite database. Each use opens it that finds it not open.
type file struct {
	path string

	mu     sync.Mutex
	db     *sql.DB     // nil before the first use
	info   os.FileInfo // of the file that db has open
	opened int         // how often that was another file
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

func (f *file) generation(ctx context.Context) (int, error) {
	if _, err := f.open(ctx); err != nil {
		return 0, f.explain(ctx, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened, nil
}

func (f *file) transact(ctx context.Context, opts *sql.TxOptions, do func(tx) error) error {
	db, inner, err := f.begin(ctx, opts)
	if err != nil {
		return f.explain(ctx, err)
	}
	defer inner.Rollback() // after a commit it does nothing
	t := newFileTx(ctx, inner)
	if err := do(t); err != nil {
		return f.explain(ctx, err)
	}
	if err := inner.Commit(); err != nil {
		return f.explain(ctx, err)
	}
	if t.erased {
		scrub(ctx, db)
	}
	return nil
}

// begin begins a transaction of the file that has the name now.
func (f *file) begin(ctx context.Context, opts *sql.TxOptions) (*sql.DB, *sql.Tx, error) {
	for {
		db, err := f.open(ctx)
		if err != nil {
			return nil, nil, err
		}
		inner, err := db.BeginTx(ctx, opts)
		if err == nil || f.uses(db) {
			return db, inner, err
		}
	}
}

// uses reports whether db is still the one to use.
func (f *file) uses(db *sql.DB) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.db == db || f.closed
}

// open returns the database, which it opens the first time, and again when the file
// was deleted or exchanged: what is written to a file without a name is lost.
func (f *file) open(ctx context.Context) (*sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, &UnavailableError{Reason: reasonClosed}
	case f.db != nil && f.inPlace():
		return f.db, nil
	case f.db != nil:
		_ = f.db.Close() // of a file that is gone
		f.db = nil
	}
	db, err := openDatabase(ctx, f.path)
	if err != nil {
		return nil, err
	}
	if f.info, err = os.Stat(f.path); err != nil {
		return nil, closeAfter(db, err)
	}
	f.db = db
	f.opened++
	return db, nil
}

// inPlace reports whether the file that is open still has its name.
func (f *file) inPlace() bool {
	info, err := os.Stat(f.path)
	return err == nil && os.SameFile(info, f.info)
}

// explain makes of err an UnavailableError if the file is the cause.
func (f *file) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if known, ok := errors.AsType[*UnavailableError](err); ok {
		known.Path = f.path
		return known
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	why := reason(err)
	if f.closed {
		why = reasonClosed // and the use of it failed
	}
	if why == "" {
		return err
	}
	return &UnavailableError{Reason: why, Path: f.path, Err: err}
}
