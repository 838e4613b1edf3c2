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

// A Folder is a directory into which files are saved: neither a name nor a symbolic
// link leads out of it. Make one with [NewFolder].
type Folder struct {
	path string
	link func(root *os.Root, from, to string) error
}

// NewFolder returns the folder at a path. The first Save creates it if it does not
// exist, but not its parents.
func NewFolder(path string) *Folder {
	return &Folder{path: path, link: func(root *os.Root, from, to string) error { return root.Link(from, to) }}
}

// Saved is a file that was written.
type Saved struct {
	Path  string
	Bytes int64
	// Existed reports that a file of the same bytes was there before.
	Existed bool
}

// Save writes all of from to a new file, named by [sanitize.FileName]. The file exists
// as a whole or not at all. None is overwritten: if one of that name holds the same
// bytes, that one is returned; if it holds others, the new name gets a number. More
// than [MaxBytes] bytes are an [ErrTooLarge].
func (f *Folder) Save(name string, from io.Reader) (Saved, error) {
	root, err := f.open()
	if err != nil {
		return Saved{}, err
	}
	defer root.Close()
	part := partName()
	defer func() { _ = root.Remove(part) }() // renamed by then, or incomplete
	written, err := write(root, part, from)
	if err != nil {
		return Saved{}, err
	}
	name, existed, err := f.place(root, part, sanitize.FileName(name), written)
	return Saved{filepath.Join(f.path, name), written.bytes, existed}, err
}

// Check returns an error if Save could not write into the folder. It leaves nothing behind.
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

// partName is the name of a file before it is complete.
func partName() string { return ".browseract-" + rand.Text() + ".part" }

func (f *Folder) open() (*os.Root, error) {
	if err := os.Mkdir(f.path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.OpenRoot(f.path)
}

// content identifies the bytes of a file.
type content struct {
	bytes int64
	sum   []byte
}

// write fills a new file, and syncs it.
func write(root *os.Root, name string, from io.Reader) (content, error) {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return content{}, err
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash), &limitedReader{io.NopCloser(from), MaxBytes})
	if err == nil {
		err = file.Sync()
	}
	return content{n, hash.Sum(nil)}, errors.Join(err, file.Close())
}

// maxCopies is how many files of one name there may be.
const maxCopies = 100

// place gives the file a name that no other has, and returns it.
func (f *Folder) place(root *os.Root, part, name string, written content) (placed string, existed bool, err error) {
	for n := 1; n <= maxCopies; n++ {
		candidate := numbered(name, n)
		switch err := f.publish(root, part, candidate); {
		case err == nil:
			return candidate, false, syncFolder(root)
		case !errors.Is(err, fs.ErrExist):
			return "", false, err
		case contains(root, candidate, written):
			return candidate, true, nil
		}
	}
	return "", false, fmt.Errorf("%d files of that name: %w", maxCopies, fs.ErrExist)
}

// publish gives the file its name, or fails with fs.ErrExist. Where the file system
// has no hard links, as on a USB stick, it first creates the name and then replaces it.
func (f *Folder) publish(root *os.Root, part, name string) error {
	err := f.link(root, part, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	created, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(created.Close(), root.Rename(part, name)); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// contains reports whether a file is a regular one with the content that was written.
func contains(root *os.Root, name string, written content) bool {
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

// syncFolder makes a new name survive a crash, where a folder can be synced.
func syncFolder(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	_ = folder.Sync() // Windows cannot
	return folder.Close()
}

// numbered is the nth name: a.csv, a (2).csv, and so on.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	extension := path.Ext(name)
	return fmt.Sprintf("%s (%d)%s", name[:len(name)-len(extension)], n, extension)
}
