package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A File is a configuration as it was when it was read.
type File struct {
	// Path is where it was looked for.
	Path string
	// Data is what it held, nil if it was not there.
	Data []byte
	// Mode are its permissions, those of a new file if it was not there.
	Mode fs.FileMode

	// target is where Path leads, through links.
	target string
	there  bool
}

// newFile are the permissions of a configuration that was not there.
const newFile fs.FileMode = 0o644

var (
	// ErrChanged says that a file is no longer what it was when it was read.
	ErrChanged = errors.New("the file has been changed in the meantime")
	// ErrBusy says that another program like this one is changing a file.
	ErrBusy = errors.New("another program is changing the file")
)

// ReadFile reads a configuration. That it is not there is no error.
func ReadFile(path string) (*File, error) {
	f := &File{Path: path, Mode: newFile, target: path}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("%s leads nowhere: %w", path, err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f.target, f.Mode, f.there = target, info.Mode().Perm(), true
	f.Data, err = os.ReadFile(target)
	return f, err
}

// Replace writes the file anew, in one step: whoever reads it finds the old text
// or the new. A link stays a link. What was there before is kept beside the file
// under a name with the time at, which is returned; it is "" if nothing was there.
// A file that has changed since it was read, or is read-only, stays as it is, and
// so does one that another program like this one is at work on.
func (f *File) Replace(data []byte, mode fs.FileMode, at time.Time) (backup string, err error) {
	return f.change(at, func(next *os.File) error {
		_, err := next.Write(data)
		return errors.Join(err, next.Chmod(mode), next.Sync())
	}, os.Rename)
}

// Remove takes the file away, and keeps what it held as [File.Replace] does.
func (f *File) Remove(at time.Time) (backup string, err error) {
	return f.change(at, func(*os.File) error { return nil }, func(next, path string) error {
		if err := os.Remove(path); err != nil {
			return err
		}
		_ = os.Remove(next) // what is left of it holds nothing
		return nil
	})
}

// change prepares the file that comes next, and puts it in place.
func (f *File) change(at time.Time, prepare func(next *os.File) error, put func(next, path string) error) (backup string, err error) {
	if err := f.unchanged(); err != nil {
		return "", err
	}
	if f.there && f.Mode&0o200 == 0 {
		return "", fmt.Errorf("%s is read-only", f.Path)
	}
	if err := os.MkdirAll(filepath.Dir(f.target), 0o755); err != nil {
		return "", err
	}
	next, err := f.lock()
	if err != nil {
		return "", err
	}
	err = errors.Join(prepare(next), next.Close())
	if err == nil && f.there {
		if backup, err = f.keep(at); err != nil {
			err = fmt.Errorf("back up %s: %w", f.Path, err)
		}
	}
	// What others have written until now is seen; there is no way to see what they
	// write between this look and the next call.
	if err == nil {
		err = f.unchanged()
	}
	if err == nil {
		err = put(next.Name(), f.target)
	}
	if err != nil {
		return "", errors.Join(err, discard(next.Name(), backup))
	}
	syncFolder(filepath.Dir(f.target))
	return backup, nil
}

// lock makes the file that comes next, beside the other. It has the one name for
// everybody, so whoever makes it is alone: what somebody else did before is seen
// by unchanged, and what somebody else wants to do now fails here.
func (f *File) lock() (*os.File, error) {
	name := filepath.Join(filepath.Dir(f.target), "."+filepath.Base(f.target)+".next")
	next, err := create(name, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s: %w; if none is, delete %s", f.Path, ErrBusy, name)
	}
	return next, err
}

// discard removes what a change that failed has made; no name is none.
func discard(names ...string) (err error) {
	for _, name := range names {
		if name != "" {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

func (f *File) unchanged() error {
	now, err := ReadFile(f.Path)
	if err != nil {
		return err
	}
	if now.there != f.there || !bytes.Equal(now.Data, f.Data) {
		return fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	return nil
}

// keptMark stands in the names of copies, between the file's own and the time.
const keptMark = ".bak-"

// keep copies what was there to a name that nothing has yet.
func (f *File) keep(at time.Time) (string, error) {
	name := f.Path + keptMark + at.Format("20060102-150405")
	backup, err := create(name, f.Mode)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		backup, err = create(name+"-"+strconv.Itoa(n), f.Mode)
	}
	if err != nil {
		return "", err
	}
	_, err = backup.Write(f.Data)
	if err = errors.Join(err, backup.Sync(), backup.Close()); err != nil {
		return "", errors.Join(err, os.Remove(backup.Name()))
	}
	return backup.Name(), nil
}

// maxKept is how many copies are looked at.
const maxKept = 100

// Kept returns what the copies beside the file hold, the newest first.
func (f *File) Kept() ([][]byte, error) {
	entries, err := os.ReadDir(filepath.Dir(f.Path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var kept [][]byte
	for _, entry := range slices.Backward(entries) {
		if !strings.HasPrefix(entry.Name(), filepath.Base(f.Path)+keptMark) || len(kept) == maxKept {
			continue
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(f.Path), entry.Name()))
		if err != nil {
			return nil, err
		}
		kept = append(kept, data)
	}
	return kept, nil
}

func create(name string, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// syncFolder makes a new name outlive a power cut, on systems where a folder can
// be synced.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
