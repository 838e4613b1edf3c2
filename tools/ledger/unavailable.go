package ledger

import (
	"errors"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// An UnavailableError says why a ledger cannot be read or written.
type UnavailableError struct {
	// Reason is half a sentence for a user that says nothing of the machine: "its file
	// is damaged".
	Reason string
	Path   string
	Err    error // what happened, for a log; nil for none
}

// Error returns the reason and the path.
func (e *UnavailableError) Error() string {
	return ErrUnavailable.Error() + ": " + e.Reason + " (" + e.Path + ")"
}

// Unwrap returns what happened.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Is says that e is [ErrUnavailable].
func (e *UnavailableError) Is(target error) bool { return target == ErrUnavailable }

// The reasons.
const (
	reasonHeld    = "another process holds its file"
	reasonClosed  = "it is closed"
	reasonNewer   = "its file was written by a newer version of this server"
	reasonForeign = "its file belongs to another program"
	reasonDamaged = "its file is damaged"
	reasonWrite   = "its file or folder cannot be written"
	reasonFull    = "the disk is full"
	reasonDisk    = "its disk cannot be read or written"
	reasonNoFile  = "in its place is something that is not a file"
	reasonOther   = "its file cannot be used"
)

// errDamaged says that what the file holds cannot be read.
var errDamaged = errors.New("unreadable content")

// reason returns why err makes a ledger unavailable; "" if it does not.
func reason(err error) string {
	var failed *sqlite.Error
	var path *fs.PathError
	switch {
	case errors.Is(err, errDamaged):
		return reasonDamaged
	case errors.As(err, &failed):
		return reasonOf(failed.Code() & 0xff) // without the extended part
	case errors.Is(err, fs.ErrPermission):
		return reasonWrite
	case errors.As(err, &path):
		return reasonOther
	default:
		return ""
	}
}

// reasonOf returns what a primary result code of SQLite means for a ledger.
func reasonOf(code int) string {
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return reasonHeld
	case sqlite3.SQLITE_FULL:
		return reasonFull
	case sqlite3.SQLITE_IOERR:
		return reasonDisk
	case sqlite3.SQLITE_CORRUPT:
		return reasonDamaged
	case sqlite3.SQLITE_NOTADB:
		return reasonForeign
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return reasonWrite
	default:
		return reasonOther
	}
}
