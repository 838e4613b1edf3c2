package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A gapFile says to other processes that runs were begun which the ledger's file does
// not have, in case this process ends before it can write them. Each process has its
// own beside the ledger's file: the gap of one is not over with that of another.
type gapFile struct {
	prefix string // of the paths of all gap files
	own    string // the path of this process's; "" for none
}

// open makes the file, or says that its gap goes on.
func (g *gapFile) open() {
	if g.own != "" && os.Chtimes(g.own, time.Time{}, time.Now()) == nil {
		return
	}
	g.own = ""
	if file, err := os.CreateTemp(filepath.Dir(g.prefix), filepath.Base(g.prefix)+"-*"); err == nil {
		g.own = file.Name()
		_ = file.Close() // it is empty
	}
}

// close removes the file; others end by their age.
func (g *gapFile) close() {
	if g.own != "" {
		_ = os.Remove(g.own)
		g.own = ""
	}
}

// others reports whether another process has left a gap that still matters.
func (g *gapFile) others() bool {
	folder := filepath.Dir(g.prefix)
	files, _ := os.ReadDir(folder) // what can be read
	found := false
	for _, file := range files {
		path := filepath.Join(folder, file.Name())
		if path == g.own || !strings.HasPrefix(file.Name(), filepath.Base(g.prefix)) {
			continue
		}
		if info, err := file.Info(); err == nil && time.Since(info.ModTime()) > gapLife {
			_ = os.Remove(path)
		} else {
			found = found || err == nil
		}
	}
	return found
}
