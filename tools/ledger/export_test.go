package ledger

import (
	"context"
	"fmt"
	"time"
)

// The reasons of an UnavailableError.
const (
	ReasonHeld    = reasonHeld
	ReasonClosed  = reasonClosed
	ReasonNewer   = reasonNewer
	ReasonForeign = reasonForeign
	ReasonDamaged = reasonDamaged
	ReasonWrite   = reasonWrite
	ReasonFull    = reasonFull
	ReasonDisk    = reasonDisk
	ReasonNoFile  = reasonNoFile
	ReasonOther   = reasonOther
)

// OpenWithClock is Open with another time than [time.Now].
func OpenWithClock(path string, now func() time.Time) (*Ledger, error) { return open(path, now) }

// Fill leaves l's file no room to grow, as a full disk does.
func Fill(ctx context.Context, l *Ledger) error {
	f, ok := l.failover.main.(*file)
	if !ok {
		return fmt.Errorf("not in a file: %T", l.failover.main)
	}
	_, err := f.db.ExecContext(ctx, "PRAGMA max_page_count(1)")
	return err
}

// CountIDs makes l give its runs the IDs 1, 2, 3 and so on.
func CountIDs(l *Ledger) {
	var last int64
	l.newID = func() int64 { last++; return last }
}
