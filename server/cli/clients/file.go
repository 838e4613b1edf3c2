package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
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

// ErrChanged says that a file is no longer what it was when it was read.
var ErrChanged = errors.New("the file has been changed in the meantime")

// ReadFile reads a configuration. That it is not there is no error.
func ReadFile(path string) (*File, error) {
	f := &File{Path: path, Mode: newFile, target: path}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
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
// A file that has changed since it was read, or is read-only, stays as it is.
func (f *File) Replace(data []byte, mode fs.FileMode, at time.Time) (backup string, err error) {
	if err := f.unchanged(); err != nil {
		return "", err
	}
	if f.there && f.Mode&0o200 == 0 {
		return "", fmt.Errorf("%s is read-only", f.Path)
	}
	if err := os.MkdirAll(filepath.Dir(f.target), 0o755); err != nil {
		return "", err
	}
	if f.there {
		if backup, err = f.keep(at); err != nil {
			return "", fmt.Errorf("back up %s: %w", f.Path, err)
		}
	}
	return backup, writeFile(f.target, data, mode)
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

// keep copies what was there to a name that nothing has yet.
func (f *File) keep(at time.Time) (string, error) {
	name := f.Path + ".bak-" + at.Format("20060102-150405")
	backup, err := create(name, f.Mode)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		backup, err = create(name+"-"+strconv.Itoa(n), f.Mode)
	}
	if err != nil {
		return "", err
	}
	_, err = backup.Write(f.Data)
	return backup.Name(), errors.Join(err, backup.Sync(), backup.Close())
}

func create(name string, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// writeFile writes a file beside path and puts it in path's place.
func writeFile(path string, data []byte, mode fs.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a new name outlive a power cut, on systems where a folder can
// be synced.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
