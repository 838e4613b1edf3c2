package ledger

import (
	"context"
	"database/sql"
	_ "embed" // the migrations
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// applicationID marks the file as a ledger: "BAlg".
const applicationID = 0x42416c67

// openDatabase opens or makes the ledger at path. It changes no file of another kind.
func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	connector, err := sqlite.NewConnector(dsn(path))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1) // writers would only wait for each other in SQLite
	if err := prepare(ctx, db); err != nil {
		return nil, closeAfter(db, err)
	}
	restrictMode(path)
	return db, nil
}

func closeAfter(db *sql.DB, err error) error {
	_ = db.Close() // err is the cause
	return err
}

// makeFile makes an empty file for its owner alone, and so do those that SQLite adds.
func makeFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return &UnavailableError{Reason: reasonNoFile}
	}
	if err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// restrictMode takes a ledger that others may read from them, if it is ours to change.
func restrictMode(path string) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
			_ = os.Chmod(name, info.Mode().Perm()&0o700)
		}
	}
}

// dsn returns path as SQLite wants it, with the settings of each connection.
//
// A transaction that was committed survives the end of the process. It may be undone by
// a power cut: waiting for the disk would cost every start more than that is worth.
func dsn(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows drive
	}
	query := url.Values{
		"mode":          {"rw"},
		"_txlock":       {"immediate"},
		"_busy_timeout": {strconv.FormatInt(busyTimeout.Milliseconds(), 10)},
		"_pragma":       {"synchronous(NORMAL)", "secure_delete(ON)"},
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}).String()
}

// scrub empties the write-ahead log, which would keep inputs that were erased. While
// another process reads, the next erasure does it.
func scrub(ctx context.Context, db *sql.DB) {
	_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
}

// prepare makes sure that db is a ledger, of this version.
func prepare(ctx context.Context, db *sql.DB) error {
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if err := enableWAL(ctx, db); err != nil {
		return err
	}
	if version < len(migrations()) {
		if err := migrate(ctx, db); err != nil {
			return err
		}
	}
	return scrubAtOnce(ctx, db) // what a crash left unscrubbed
}

// scrubAtOnce is scrub that waits for no other process: a start waits for the opening,
// and then for its own transaction.
func scrubAtOnce(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "PRAGMA busy_timeout(0)"); err != nil {
		return err
	}
	scrub(ctx, db)
	_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout(%d)", busyTimeout.Milliseconds()))
	return err
}

// enableWAL turns on the write-ahead log, which a file keeps once it has it. SQLite
// does not wait by itself for other processes that do the same.
func enableWAL(ctx context.Context, db *sql.DB) error {
	for pause := time.Millisecond; ; pause *= 2 {
		_, err := db.ExecContext(ctx, "PRAGMA journal_mode(WAL)")
		if reason(err) != reasonHeld || pause > busyTimeout/2 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// A querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion returns how many migrations db has had. It refuses what is no ledger.
func schemaVersion(ctx context.Context, db querier) (int, error) {
	var id, version, tables int
	const look = `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)
		FROM pragma_application_id, pragma_user_version`
	if err := db.QueryRowContext(ctx, look).Scan(&id, &version, &tables); err != nil {
		return 0, err
	}
	switch {
	case id != applicationID && (id != 0 || version != 0 || tables != 0):
		return 0, &UnavailableError{Reason: reasonForeign}
	case version > len(migrations()):
		return 0, &UnavailableError{Reason: reasonNewer}
	default:
		return version, nil
	}
}

// The versions of the tables: times are milliseconds since 1970, 0 for none. The second
// one adds what is known of ends and of starts without a clear answer.
var (
	//go:embed schema1.sql
	schema1 string
	//go:embed schema2.sql
	schema2 string
)

// migrations are the steps to the tables of this version. Published ones never change.
func migrations() []string { return []string{schema1, schema2} }

// migrate brings db to this version, unless another process has done it meanwhile.
func migrate(ctx context.Context, db *sql.DB) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // after a commit it does nothing
	version, err := schemaVersion(ctx, t)
	if err != nil {
		return err
	}
	for _, migration := range migrations()[version:] {
		if _, err := t.ExecContext(ctx, migration); err != nil {
			return err
		}
	}
	mark := fmt.Sprintf("PRAGMA application_id(%d); PRAGMA user_version(%d)", applicationID, len(migrations()))
	if _, err := t.ExecContext(ctx, mark); err != nil {
		return err
	}
	return t.Commit()
}
