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
	// Path is where it was read.
	Path string
	// Data is what it held, nil if it did not exist.
	Data []byte
	// Mode are its permissions, those of a new file if it did not exist.
	Mode fs.FileMode

	target string // where Path leads, through links
	exists bool
}

// newFile are the permissions of a new configuration.
const newFile fs.FileMode = 0o644

var (
	// ErrChanged means that a file has changed since it was read.
	ErrChanged = errors.New("the file has been changed in the meantime")
	// ErrBusy means that another process of this program is changing the file.
	ErrBusy = errors.New("another program is changing the file")
)

// ReadFile reads a configuration. It is no error if there is none.
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
	f.target, f.Mode, f.exists = target, info.Mode().Perm(), true
	f.Data, err = os.ReadFile(target)
	return f, err
}

// Replace replaces the file in one step: a reader finds the old text or the new. A link
// stays a link. The old file is copied beside it under a name with the time at, which is
// returned, "" if there was none. The error is [ErrChanged], [ErrBusy], or for a
// read-only file.
func (f *File) Replace(data []byte, mode fs.FileMode, at time.Time) (backup string, err error) {
	return f.change(at, func(next *os.File) error {
		_, err := next.Write(data)
		return errors.Join(err, next.Chmod(mode), next.Sync())
	}, os.Rename)
}

// Remove removes the file, and copies it as [File.Replace] does.
func (f *File) Remove(at time.Time) (backup string, err error) {
	return f.change(at, func(*os.File) error { return nil }, func(next, path string) error {
		if err := os.Remove(path); err != nil {
			return err
		}
		_ = os.Remove(next) // it is empty
		return nil
	})
}

// change prepares the next file, and puts it in place.
func (f *File) change(at time.Time, prepare func(next *os.File) error, put func(next, path string) error) (backup string, err error) {
	if err := f.unchanged(); err != nil {
		return "", err
	}
	if f.exists && f.Mode&0o200 == 0 {
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
	if err == nil && f.exists {
		backup, err = f.backUp(at)
	}
	// A change by others between this check and the next call cannot be seen.
	if err == nil {
		err = f.unchanged()
	}
	if err == nil {
		err = put(next.Name(), f.target)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(next.Name()))
		if backup != "" {
			err = errors.Join(err, os.Remove(backup))
		}
		return "", err
	}
	syncFolder(filepath.Dir(f.target))
	return backup, nil
}

// lock makes the next file, beside the other. All processes use the one name, so only
// one can: unchanged sees what others did before, and others fail here meanwhile.
func (f *File) lock() (*os.File, error) {
	name := filepath.Join(filepath.Dir(f.target), "."+filepath.Base(f.target)+".next")
	next, err := create(name, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s: %w; if none is, delete %s", f.Path, ErrBusy, name)
	}
	return next, err
}

func (f *File) unchanged() error {
	now, err := ReadFile(f.Path)
	if err != nil {
		return err
	}
	if now.exists != f.exists || !bytes.Equal(now.Data, f.Data) {
		return fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	return nil
}

const (
	// backupMark is in the names of backups, between the file's own and the time.
	backupMark = ".bak-"
	// maxBackups is how many backups are read.
	maxBackups = 100
)

// backUp copies the file to a new name.
func (f *File) backUp(at time.Time) (string, error) {
	name := f.Path + backupMark + at.Format("20060102-150405")
	backup, err := create(name, f.Mode)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		backup, err = create(name+"-"+strconv.Itoa(n), f.Mode)
	}
	if err != nil {
		return "", fmt.Errorf("back up %s: %w", f.Path, err)
	}
	_, err = backup.Write(f.Data)
	if err = errors.Join(err, backup.Sync(), backup.Close()); err != nil {
		return "", fmt.Errorf("back up %s: %w", f.Path, errors.Join(err, os.Remove(backup.Name())))
	}
	return backup.Name(), nil
}

// Backups returns what the backups beside the file hold, the newest first.
func (f *File) Backups() ([][]byte, error) {
	entries, err := os.ReadDir(filepath.Dir(f.Path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var backups [][]byte
	for _, entry := range slices.Backward(entries) {
		if !strings.HasPrefix(entry.Name(), filepath.Base(f.Path)+backupMark) || len(backups) == maxBackups {
			continue
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(f.Path), entry.Name()))
		if err != nil {
			return nil, err
		}
		backups = append(backups, data)
	}
	return backups, nil
}

func create(name string, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// syncFolder makes a new name survive a power cut, where a folder can be synced.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
