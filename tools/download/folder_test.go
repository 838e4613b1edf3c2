package download_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/browseract/browseract-mcp/tools/download"
)

func save(t *testing.T, f *download.Folder, name, text string) download.Saved {
	t.Helper()
	saved, err := f.Save(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// tree lists what is below a folder, with the contents of plain files.
func tree(t *testing.T, root string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		list = append(list, filepath.ToSlash(name)+"="+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wantTree(t *testing.T, root string, want ...string) {
	t.Helper()
	if got := tree(t, root); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFileIsSavedUnderItsName(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made")
	saved := save(t, download.NewFolder(dir), "a.csv", "1")
	if saved != (download.Saved{Path: filepath.Join(dir, "a.csv"), Bytes: 1}) {
		t.Errorf("got %+v", saved)
	}
	wantTree(t, dir, "a.csv=1")
	info, err := os.Stat(saved.Path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(string) *download.Folder{"linked": download.NewFolder, "renamed": download.Unlinkable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := open(dir)
			save(t, f, "a.csv", "1")
			if saved := save(t, f, "a.csv", "2"); filepath.Base(saved.Path) != "a (2).csv" || saved.Existed {
				t.Errorf("got %+v", saved)
			}
			wantTree(t, dir, "a (2).csv=2", "a.csv=1")
		})
	}
}

func TestTheSameBytesAreSavedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := download.NewFolder(dir)
	for _, text := range []string{"1", "2"} {
		save(t, f, "a.csv", text)
	}
	saved := save(t, f, "a.csv", "2")
	if !saved.Existed || filepath.Base(saved.Path) != "a (2).csv" {
		t.Errorf("got %+v", saved)
	}
	wantTree(t, dir, "a (2).csv=2", "a.csv=1")
}

func TestNoNameLeadsOutOfTheFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../a", "../../a", `..\..\a`, "/a", `C:\a`, "sub/../../a", "..", "./../a", "a/../../../a", "\x00/../a"} {
		above := t.TempDir()
		dir := filepath.Join(above, "in")
		saved := save(t, download.NewFolder(dir), name, "1")
		if filepath.Dir(saved.Path) != dir {
			t.Errorf("%q was saved as %s", name, saved.Path)
		}
		if n := len(tree(t, above)); n != 1 || len(tree(t, dir)) != 1 {
			t.Errorf("%q: %d files", name, n)
		}
	}
}

func TestSymbolicLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(string) *download.Folder{"linked": download.NewFolder, "renamed": download.Unlinkable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			above := t.TempDir()
			dir := filepath.Join(above, "in")
			outside := filepath.Join(above, "outside")
			if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(outside, []byte("1"), 0o600)); err != nil {
				t.Fatal(err)
			}
			// To a file, with what would be written; to one that is not there; to a folder.
			for link, to := range map[string]string{"a": "../outside", "b": "../new", "c": ".."} {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
				saved := save(t, open(dir), link, "1")
				if saved.Existed || filepath.Base(saved.Path) != link+" (2)" {
					t.Errorf("%s: got %+v", link, saved)
				}
			}
			wantTree(t, above, "in/a (2)=1", "in/b (2)=1", "in/c (2)=1", "outside=1")
		})
	}
}

func TestFileIsThereAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := errors.New("the connection broke")
	_, err := download.NewFolder(dir).Save("a.csv", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	wantTree(t, dir)
}

func TestNoMoreThanTheLimitIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := download.NewFolder(dir)
	if _, err := f.Save("a", io.LimitReader(zeros{}, download.MaxBytes+1)); !errors.Is(err, download.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	wantTree(t, dir)
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestManyAtOnceGetNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := download.NewFolder(dir)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := f.Save("a.csv", strings.NewReader(strings.Repeat("x", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(tree(t, dir)); n != 20 {
		t.Errorf("%d files, want 20", n)
	}
}

func TestCheckLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := download.NewFolder(dir).Check(); err != nil {
		t.Error(err)
	}
	wantTree(t, dir)
}

func TestFolderThatCannotBeMadeIsAnError(t *testing.T) {
	t.Parallel()
	if err := download.NewFolder(filepath.Join(t.TempDir(), "no", "such")).Check(); err == nil {
		t.Error("a folder that is not there passes the check")
	}
	if _, err := download.NewFolder(filepath.Join(t.TempDir(), "no", "such")).Save("a", strings.NewReader("1")); err == nil {
		t.Error("saved into a folder that is not there")
	}
}
