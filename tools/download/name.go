package download

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName      = 120 // bytes; with a number after it every file system takes it
	maxExtension = 16
)

// SafeName makes a file's name of any text: one element of a path, visible, without
// what shells, Windows or a reader take for something else. It is never empty.
func SafeName(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "_"), `\`, "/")
	name = path.Base(strings.Map(safeRune, name))
	name = strings.TrimLeft(name, ". -_") // hidden, or an option to a program
	name = strings.TrimRight(name, ". ")  // Windows drops them
	name = shorten(name)
	if name == "" || name == "/" {
		return "file"
	}
	if isDevice(name) {
		return shorten("file_" + name)
	}
	return name
}

// safeRune replaces what cannot be in a name everywhere, and what cannot be seen.
// The slash stays: it parts the elements.
func safeRune(r rune) rune {
	if strings.ContainsRune(`:*?"<>|`, r) || !unicode.IsPrint(r) {
		return '_'
	}
	return r
}

// shorten cuts a name before its extension.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	extension := path.Ext(name)
	if len(extension) > maxExtension {
		extension = ""
	}
	stem := name[:maxName-len(extension)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + extension
}

// isDevice reports whether Windows takes the name for a device, whatever follows
// the first dot.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}
