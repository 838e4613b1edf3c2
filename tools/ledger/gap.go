package ledger

import (
	"os"
	"time"
)

// A gapFile says to later processes that runs were begun which the ledger's file does
// not have, in case this process ends before it can write them.
type gapFile struct {
	path string
	own  bool // this process has made it
}

// open makes the file, or says that its gap goes on.
func (g *gapFile) open() {
	file, err := os.OpenFile(g.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		_ = os.Chtimes(g.path, time.Time{}, time.Now())
		return
	}
	g.own = file.Close() == nil || g.own
}

// close removes the file if this process has made it; others end by their age.
func (g *gapFile) close() {
	if g.own {
		_ = os.Remove(g.path)
		g.own = false
	}
}

// exists reports whether another process has left a gap that still matters.
func (g *gapFile) exists() bool {
	info, err := os.Stat(g.path)
	if err != nil {
		return false
	}
	if time.Since(info.ModTime()) > gapLife {
		_ = os.Remove(g.path)
		return false
	}
	return true
}
