package ledger

import (
	"context"
	"fmt"
)

// Fill leaves l's file no room to grow, as a full disk does.
func Fill(ctx context.Context, l *Ledger) error {
	f, ok := l.store.(*file)
	if !ok {
		return fmt.Errorf("not in a file: %T", l.store)
	}
	_, err := f.db.ExecContext(ctx, "PRAGMA max_page_count(1)")
	return err
}
