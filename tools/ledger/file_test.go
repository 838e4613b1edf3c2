package ledger_test

import (
	"bytes"
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestOpenTouchesNothing(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	l, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder: got %v, want none", err)
	}
}

func TestClosedLedgerStaysClosed(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		begin(t, l)
		for range 2 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		wantUnavailable(t, l, ledger.ReasonClosed)
	})
}

func TestCloseWhileInUseIsUnavailable(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, path string) {
		l := open(t, path)
		var wg sync.WaitGroup
		for n := range 100 {
			wg.Go(func() {
				if _, err := l.Begin(t.Context(), aStart(again)); err != nil && !errors.Is(err, ledger.ErrUnavailable) {
					t.Errorf("got %v, want ErrUnavailable", err)
				}
				if n == 50 {
					if err := l.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestLedgerOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	name := "a b%20c#é';"
	if runtime.GOOS != "windows" {
		name += `?"`
	}
	path := filepath.Join(t.TempDir(), name, name)
	first := open(t, path)
	run := begin(t, first).Run
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	if claim := begin(t, open(t, path)); claim.Outcome != ledger.Pending || claim.Run.ID != run.ID {
		t.Errorf("got %s, run %d", claim.Outcome, claim.Run.ID)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no mode here")
	}
	path := filePath(t)
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(filepath.Dir(path), "made", "too", "ledger.db")
	begin(t, open(t, path))
	begin(t, open(t, made))
	for name, want := range map[string]os.FileMode{
		filepath.Dir(path):               os.ModeDir | 0o755, // it was there
		filepath.Dir(made):               os.ModeDir | 0o700,
		filepath.Dir(filepath.Dir(made)): os.ModeDir | 0o700,
		path:                             0o600, path + "-wal": 0o600, path + "-shm": 0o600,
		made: 0o600, made + "-wal": 0o600, made + "-shm": 0o600,
	} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: got %v, error %v, want %v", name, info.Mode(), err, want)
		}
	}
}

// wantUnavailable fails the test unless all uses of l fail for
// reason.
func wantUnavailable(t *testing.T, l *ledger.Ledger, reason string) {
	t.Helper()
	_, _, listed := list(t, l, me, ledger.Filter{}, 1, 1)
	for name, err := range map[string]error{"begin": beginNew(t, l), "mine": listed, "check": l.Check(t.Context())} {
		var unavailable *ledger.UnavailableError
		if !errors.As(err, &unavailable) || !errors.Is(err, ledger.ErrUnavailable) || unavailable.Reason != reason {
			t.Errorf("%s: got %v, want a reason: %s", name, err, reason)
		} else if unavailable.Path == "" || !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), unavailable.Path) {
			t.Errorf("%s: %q has not the reason and the path %q", name, err, unavailable.Path)
		}
	}
}

func TestUnusableFileIsReportedAndNotChanged(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"a folder":                              {makeFolder, ledger.ReasonNoFile},
		"under a file":                          {underFile, ledger.ReasonOther},
		"text":                                  {writes("once upon a time there was no ledger here at all"), ledger.ReasonForeign},
		"text, long":                            {writes(strings.Repeat("once upon a time ", 5000)), ledger.ReasonForeign},
		"another program's":                     {runs("CREATE TABLE bookmarks (url TEXT)"), ledger.ReasonForeign},
		"another's mark":                        {runs("PRAGMA application_id(7)"), ledger.ReasonForeign},
		"newer":                                 {runs("PRAGMA application_id(0x42416c67); PRAGMA user_version(99)"), ledger.ReasonNewer},
		"cut in half":                           {cut, ledger.ReasonDamaged},
		"read-only":                             {readOnly(0o500, 0o400), ledger.ReasonWrite},
		"a file to write in a read-only folder": {readOnly(0o500, 0o600), ledger.ReasonWrite},
		"no file in a read-only folder":         {readOnlyFolder, ledger.ReasonWrite},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filePath(t)
			fact.make(t, path)
			before := contents(t, path)
			wantUnavailable(t, open(t, path), fact.want)
			if !bytes.Equal(before, contents(t, path)) {
				t.Error("the file was changed")
			}
		})
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if info, statErr := os.Stat(path); err != nil && statErr == nil && !info.IsDir() {
		t.Fatal(err)
	}
	return data
}

func makeFolder(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func underFile(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func writes(text string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		makeFolder(t, filepath.Dir(path))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// runs makes a database with a statement.
func runs(statement string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		makeFolder(t, filepath.Dir(path))
		db := database(t, path)
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func database(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// aLedger makes one with some runs and closes it.
func aLedger(t *testing.T, path string) {
	t.Helper()
	l := open(t, path)
	for n := range 60 {
		started(t, l, fmt.Sprint(n), again)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, path string) {
	t.Helper()
	aLedger(t, path)
	if err := os.Truncate(path, int64(len(contents(t, path))/2)); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyFileFindsDuplicates(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	readOnly(0o700, 0o400)(t, path)
	l := open(t, path)
	if claim := begin(t, l); claim.Outcome != ledger.Duplicate {
		t.Errorf("got %s, want %s", claim.Outcome, ledger.Duplicate)
	}
	for name, err := range map[string]error{
		"begin": beginNew(t, l),
		"check": l.Check(t.Context()),
	} {
		var unavailable *ledger.UnavailableError
		if !errors.As(err, &unavailable) || unavailable.Reason != ledger.ReasonWrite {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("got mode %v, error %v", info.Mode(), err)
	}
}

func beginNew(t *testing.T, l *ledger.Ledger) error {
	t.Helper()
	claim, err := l.Begin(t.Context(), aStart(fingerprint("new")))
	return cmp.Or(err, claim.Degraded)
}

func readOnlyFolder(t *testing.T, path string) {
	t.Helper()
	skipIfNothingIsReadOnly(t)
	if err := os.Mkdir(filepath.Dir(path), 0o500); err != nil {
		t.Fatal(err)
	}
}

func readOnly(folder, file os.FileMode) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		skipIfNothingIsReadOnly(t)
		aLedger(t, path)
		if err := errors.Join(os.Chmod(path, file), os.Chmod(filepath.Dir(path), folder)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
	}
}

func skipIfNothingIsReadOnly(t *testing.T) {
	t.Helper()
	if os.Geteuid() <= 0 {
		t.Skip("this user may write everywhere, or modes mean little here")
	}
}

func TestLedgerRecoversWithItsFile(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	makeFolder(t, path)
	c := newClock()
	l := open(t, path, c.Now)
	wantUnavailable(t, l, ledger.ReasonNoFile)
	c.move(time.Minute) // it is left alone for a while
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	begin(t, l)
}

func TestFullDiskIsReportedAndLosesNothing(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	l := open(t, path)
	started(t, l, "1")
	if err := ledger.Fill(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	begun := 0
	for {
		claim, err := l.Begin(t.Context(), aStart(again))
		err = cmp.Or(err, claim.Degraded)
		var unavailable *ledger.UnavailableError
		if errors.As(err, &unavailable) && unavailable.Reason == ledger.ReasonFull {
			break
		}
		if err != nil || begun > 1000 {
			t.Fatalf("after %d starts: %v", begun, err)
		}
		begun++
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, total, err := list(t, open(t, path), me, ledger.Filter{}, 1, 1); total != begun+1 || err != nil {
		t.Errorf("got %d runs, error %v, want %d", total, err, begun+1)
	}
}

// hold keeps others from writing until it is released.
func hold(t *testing.T, path string) (release func()) {
	t.Helper()
	db := database(t, path)
	db.SetMaxOpenConns(1)
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("BEGIN IMMEDIATE")
	return func() { exec("ROLLBACK") }
}

func TestHeldFileIsReported(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	synctest.Test(t, func(t *testing.T) {
		l := open(t, path)
		begin(t, l)
		release := hold(t, path)
		var unavailable *ledger.UnavailableError
		if err := beginNew(t, l); !errors.As(err, &unavailable) || unavailable.Reason != ledger.ReasonHeld {
			t.Errorf("got %v", err)
		}
		release()
		time.Sleep(time.Minute) // it is left alone for a while
		if err := beginNew(t, l); err != nil {
			t.Error(err)
		}
	})
}

func TestBeginWaitsForOtherProcesses(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(t *testing.T, path string){
		"that make the file": writes(""),
		"that use it":        aLedger,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filePath(t)
			before(t, path)
			synctest.Test(t, func(t *testing.T) {
				l := open(t, path)
				time.AfterFunc(time.Second, hold(t, path))
				from := time.Now()
				if err := beginNew(t, l); err != nil || time.Since(from) < time.Second || time.Since(from) > 3*time.Second {
					t.Errorf("got error %v after %v", err, time.Since(from))
				}
			})
		})
	}
}
