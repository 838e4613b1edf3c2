package download

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A Folder is where files are written, and nowhere else: neither a name nor a
// symbolic link in it leads out. The zero Folder has no place.
type Folder struct {
	path string
	link func(root *os.Root, from, to string) error
}

// NewFolder returns the folder at a path. It is made when the first file is saved,
// if it is not there, but not what is above it.
func NewFolder(path string) *Folder {
	return &Folder{path: path, link: func(root *os.Root, from, to string) error { return root.Link(from, to) }}
}

// Saved is a file that was written.
type Saved struct {
	Path  string
	Bytes int64
	// Existed says that the same bytes were there before, under that path.
	Existed bool
}

// Save writes what from holds to a new file of about that name, see [sanitize.FileName]. The
// file is there as a whole or not at all. None is overwritten: where one of that
// name holds the same bytes, nothing is written; where it holds others, a number is
// added. More than [MaxBytes] are an [ErrTooLarge].
func (f *Folder) Save(name string, from io.Reader) (Saved, error) {
	root, err := f.open()
	if err != nil {
		return Saved{}, err
	}
	defer root.Close()
	part := partName()
	defer func() { _ = root.Remove(part) }() // has another name by then, or was given up
	written, err := write(root, part, from)
	if err != nil {
		return Saved{}, err
	}
	name, existed, err := f.place(root, part, sanitize.FileName(name), written)
	return Saved{filepath.Join(f.path, name), written.bytes, existed}, err
}

// Check tries to write into the folder, as Save would, and leaves nothing behind.
func (f *Folder) Check() error {
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	part := partName()
	_, err = write(root, part, strings.NewReader(""))
	return errors.Join(err, root.Remove(part))
}

// partName is what a file is called before it is whole.
func partName() string { return ".browseract-" + rand.Text() + ".part" }

func (f *Folder) open() (*os.Root, error) {
	if err := os.Mkdir(f.path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.OpenRoot(f.path)
}

// A content is how bytes are told from others.
type content struct {
	bytes int64
	sum   []byte
}

// write fills a new file, down to the disk.
func write(root *os.Root, name string, from io.Reader) (content, error) {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return content{}, err
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash), &limited{io.NopCloser(from), MaxBytes})
	if err == nil {
		err = file.Sync()
	}
	return content{n, hash.Sum(nil)}, errors.Join(err, file.Close())
}

// mostCopies is how many files of one name there may be.
const mostCopies = 100

// place gives the file a name that no other has, and tells it.
func (f *Folder) place(root *os.Root, part, name string, written content) (placed string, existed bool, err error) {
	for n := 1; n <= mostCopies; n++ {
		candidate := numbered(name, n)
		switch err := f.publish(root, part, candidate); {
		case err == nil:
			return candidate, false, syncFolder(root)
		case !errors.Is(err, fs.ErrExist):
			return "", false, err
		case holds(root, candidate, written):
			return candidate, true, nil
		}
	}
	return "", false, fmt.Errorf("%d files of that name: %w", mostCopies, fs.ErrExist)
}

// publish gives the file its name, or fails with fs.ErrExist. Where a file cannot
// have two names, as on a stick, the name is taken first and then replaced.
func (f *Folder) publish(root *os.Root, part, name string) error {
	err := f.link(root, part, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	taken, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), root.Rename(part, name)); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// holds reports whether a file holds what was written. What is no plain file holds
// nothing.
func holds(root *os.Root, name string, written content) bool {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != written.bytes {
		return false
	}
	file, err := root.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return err == nil && bytes.Equal(hash.Sum(nil), written.sum)
}

// syncFolder lets a new name survive a crash, where a folder can be synced at all.
func syncFolder(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	_ = folder.Sync() // Windows has no such thing
	return folder.Close()
}

// numbered is the nth name of a kind: a.csv, a (2).csv, and so on.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	extension := path.Ext(name)
	return fmt.Sprintf("%s (%d)%s", name[:len(name)-len(extension)], n, extension)
}
