package download

import "os"

// Resolving is New with another resolver of names.
var Resolving = resolving

// Unlinkable is a folder on a file system where no file can have two names.
func Unlinkable(path string) *Folder {
	return &Folder{path: path, link: func(*os.Root, string, string) error { return os.ErrPermission }}
}
