package ledger

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"
	"time"
)

// A file is a store in an SQLite database, which is opened by its first use. While
// that fails, every use tries again.
type file struct {
	path string

	mu     sync.Mutex
	db     *sql.DB     // nil before the first use
	info   os.FileInfo // of the file that db has open
	opened int         // how often that was another file
	// newest is when each caller's newest run in the first file was begun, nil if that
	// file may lack some or is not open any more.
	newest map[string]time.Time
	failed bool // a use failed before the first that did not
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
		return 0, f.judge(ctx, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened, nil
}

func (f *file) transact(ctx context.Context, opts *sql.TxOptions, do func(tx) error) error {
	db, inner, err := f.begin(ctx, opts)
	if err != nil {
		return f.judge(ctx, err)
	}
	t, err := within(ctx, inner, do)
	if err != nil {
		return f.judge(ctx, err)
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
		if err == nil || f.has(db) {
			return db, inner, err
		}
	}
}

// has says whether db is still the one to use.
func (f *file) has(db *sql.DB) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.db == db || f.closed
}

// within runs do in a transaction.
func within(ctx context.Context, inner *sql.Tx, do func(tx) error) (*fileTx, error) {
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

// open returns the database, which it opens the first time, and again when the file
// was deleted or exchanged: what is written to a file without a name is lost.
func (f *file) open(ctx context.Context) (*sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, &UnavailableError{Reason: reasonClosed, Path: f.path}
	case f.db != nil && f.inPlace():
		return f.db, nil
	case f.db != nil:
		_ = f.db.Close() // nobody will read what it might have to say
		f.db = nil
	}
	db, err := openDatabase(ctx, f.path)
	if err != nil {
		f.failed = true
		return nil, err
	}
	if f.info, err = os.Stat(f.path); err != nil {
		return nil, closing(db, err)
	}
	f.db = db
	if f.newest = nil; f.opened == 0 && !f.failed && !f.hasGap() {
		f.newest = newestRuns(ctx, db)
	}
	f.opened++
	return db, nil
}

func (f *file) hasOlder(caller string, since time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	newest, found := f.newest[caller]
	return found && !newest.Before(since)
}

// newestRuns returns when each caller's newest run was begun; nil if it cannot be
// read.
func newestRuns(ctx context.Context, db *sql.DB) map[string]time.Time {
	type newest struct {
		caller string
		begun  int64
	}
	all, _ := collect(func(rows *sql.Rows) (n newest, err error) {
		return n, rows.Scan(&n.caller, &n.begun)
	})(db.QueryContext(ctx, "SELECT caller, max(begun_at) FROM runs GROUP BY caller"))
	byCaller := map[string]time.Time{}
	for _, n := range all {
		byCaller[n.caller] = when(n.begun)
	}
	return byCaller
}

// gapLife is for how long a gap matters: no run that fell into it lasts longer.
const gapLife = MaxRun

// gap is the name of the file that says that runs were begun which the ledger does
// not know, for the case that this process ends before it can be told.
func (f *file) gap() string { return f.path + "-gap" }

// noteGap makes that file, where one can be made, and says whether it did.
func (f *file) noteGap() (made bool) {
	gap, err := os.OpenFile(f.gap(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		_ = os.Chtimes(f.gap(), time.Time{}, time.Now()) // it goes on
		return false
	}
	return gap.Close() == nil
}

func (f *file) closeGap() { _ = os.Remove(f.gap()) } // else it closes by its age

// hasGap says whether another process has left a gap that still matters.
func (f *file) hasGap() bool {
	info, err := os.Stat(f.gap())
	if err != nil {
		return false
	}
	if time.Since(info.ModTime()) > gapLife {
		f.closeGap()
		return false
	}
	return true
}

// inPlace says whether the file that is open still has its name.
func (f *file) inPlace() bool {
	info, err := os.Stat(f.path)
	return err == nil && os.SameFile(info, f.info)
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
