package clients_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// noon is when these tests write.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != text {
		t.Errorf("%s holds %q, %v, want %q", path, got, err, text)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
		t.Errorf("%s has mode %v, %v, want %v", path, info.Mode(), err, mode)
	}
}

// wantNames holds a folder to what is in it, so that nothing is left behind.
func wantNames(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %v, want %v", folder, got, names)
	}
}

func readFile(t *testing.T, path string) *clients.File {
	t.Helper()
	f, err := clients.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFileIsReplacedAndKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "c.json")
	write(t, path, "old", 0o640)
	for n, name := range []string{"c.json.bak-20261122-120000", "c.json.bak-20261122-120000-2"} {
		f := readFile(t, path)
		backup, err := f.Replace([]byte("new"+string(rune('0'+n))), f.Mode, noon())
		if err != nil || filepath.Base(backup) != name {
			t.Fatalf("got %s, %v, want %s", backup, err, name)
		}
	}
	want(t, path, "new1", 0o640)
	want(t, path+".bak-20261122-120000", "old", 0o640)
	want(t, path+".bak-20261122-120000-2", "new0", 0o640)
	wantNames(t, folder, "c.json", "c.json.bak-20261122-120000", "c.json.bak-20261122-120000-2")
}

func TestAFileThatIsNotThereIsMadeWithItsFolders(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(folder, "c.json")
	backup, err := readFile(t, path).Replace([]byte("new"), 0o600, noon())
	if err != nil || backup != "" {
		t.Fatalf("got %q, %v", backup, err)
	}
	want(t, path, "new", 0o600)
	wantNames(t, folder, "c.json")
}

func TestALinkStaysALink(t *testing.T) {
	t.Parallel()
	folder, elsewhere := t.TempDir(), t.TempDir()
	path, target := filepath.Join(folder, "c.json"), filepath.Join(elsewhere, "real.json")
	write(t, target, "old", 0o600)
	if err := os.Symlink(target, path); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if _, err := readFile(t, path).Replace([]byte("new"), 0o600, noon()); err != nil {
		t.Fatal(err)
	}
	want(t, target, "new", 0o600)
	if to, err := os.Readlink(path); err != nil || to != target {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	want(t, path+".bak-20261122-120000", "old", 0o600)
	wantNames(t, elsewhere, "real.json")
}

func TestWhatCannotBeReplacedStaysAsItIs(t *testing.T) {
	t.Parallel()
	t.Run("read-only", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		path := filepath.Join(folder, "c.json")
		write(t, path, "old", 0o444)
		if _, err := readFile(t, path).Replace([]byte("new"), 0o644, noon()); err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("got %v", err)
		}
		want(t, path, "old", 0o444)
		wantNames(t, folder, "c.json")
	})
	for _, before := range []string{"", "old"} {
		t.Run("changed since it was "+before, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, "c.json")
			if before != "" {
				write(t, path, before, 0o644)
			}
			f := readFile(t, path)
			write(t, path, "theirs", 0o644)
			if _, err := f.Replace([]byte("ours"), 0o644, noon()); !errors.Is(err, clients.ErrChanged) {
				t.Errorf("got %v", err)
			}
			want(t, path, "theirs", 0o644)
			wantNames(t, folder, "c.json")
		})
	}
	t.Run("locked", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		path := filepath.Join(folder, "c.json")
		write(t, path, "old", 0o644)
		f := readFile(t, path)
		lock(t, folder)
		if _, err := f.Replace([]byte("new"), 0o644, noon()); err == nil {
			t.Error("it was replaced")
		}
		want(t, path, "old", 0o644)
		wantNames(t, folder, "c.json")
	})
}

// lock keeps files in folder from being made until the test ends.
func lock(t *testing.T, folder string) {
	t.Helper()
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("nothing is locked for this user")
	}
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
}

// TestNoChangeIsLost lets many change a file at a time, each as often as it takes.
func TestNoChangeIsLost(t *testing.T) {
	t.Parallel()
	const writers, changes = 4, 6
	folder := t.TempDir()
	path := filepath.Join(folder, "c.json")
	write(t, path, "", 0o644)
	var work sync.WaitGroup
	for range writers {
		work.Go(func() {
			for done := 0; done < changes; {
				f, err := clients.ReadFile(path)
				if err != nil {
					t.Error(err)
					return
				}
				_, err = f.Replace(append(f.Data, '+'), f.Mode, noon())
				switch {
				case err == nil:
					done++
				case !errors.Is(err, clients.ErrChanged) && !errors.Is(err, clients.ErrBusy):
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	want(t, path, strings.Repeat("+", writers*changes), 0o644)
	if names, err := filepath.Glob(filepath.Join(folder, ".*")); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestAFileThatAnotherProgramIsAtStaysAsItIs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "c.json")
	write(t, path, "old", 0o644)
	write(t, filepath.Join(folder, ".c.json.next"), "theirs", 0o600)
	_, err := readFile(t, path).Replace([]byte("new"), 0o644, noon())
	if !errors.Is(err, clients.ErrBusy) || !strings.Contains(err.Error(), "delete "+filepath.Join(folder, ".c.json.next")) {
		t.Errorf("got %v", err)
	}
	want(t, path, "old", 0o644)
	wantNames(t, folder, ".c.json.next", "c.json")
}

func TestAFileIsRemovedAndKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "c.json")
	write(t, path, "older", 0o640)
	f := readFile(t, path)
	if _, err := f.Replace([]byte("old"), f.Mode, noon()); err != nil {
		t.Fatal(err)
	}
	backup, err := readFile(t, path).Remove(noon())
	if err != nil || filepath.Base(backup) != "c.json.bak-20261122-120000-2" {
		t.Fatalf("got %s, %v", backup, err)
	}
	wantNames(t, folder, "c.json.bak-20261122-120000", "c.json.bak-20261122-120000-2")
	kept, err := readFile(t, path).Backups()
	if err != nil || len(kept) != 2 || string(kept[0]) != "old" || string(kept[1]) != "older" {
		t.Errorf("kept: %q, %v", kept, err)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := clients.ReadFile(folder); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a folder: %v", err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(filepath.Join(folder, "nothing"), link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if _, err := clients.ReadFile(link); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to nothing: %v", err)
	}
}
