package sanitize

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

const (
	maxFileName   = 120 // bytes; every file system takes it, a number behind it included
	maxExtension  = 16  // bytes
	maxPlainRunes = 40
	maxPlainWords = 3
)

// device is a name that Windows takes for a device, with any extension.
var device = lazyregexp.New(`(?i)^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)`)

// FileName makes a file's name of any text: one element of a path, visible, of at
// most 120 bytes, without what shells, Windows or a reader take for something
// else. It is never empty.
func FileName(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "_"), `\`, "/")
	name = path.Base(strings.Map(fileRune, name))
	name = strings.TrimLeft(name, ". -_") // hidden, or an option to a program
	name = strings.TrimRight(name, ". ")  // Windows drops them
	name = truncateFileName(name)
	if name == "" || name == "/" {
		return "file"
	}
	if device().MatchString(name) {
		return truncateFileName("file_" + name)
	}
	return name
}

// fileRune replaces what some file systems refuse and what cannot be seen. The
// slash stays: it separates elements.
func fileRune(r rune) rune {
	if strings.ContainsRune(`:*?"<>|`, r) || !unicode.IsPrint(r) {
		return '_'
	}
	return r
}

// truncateFileName shortens a name before its extension.
func truncateFileName(name string) string {
	if len(name) <= maxFileName {
		return name
	}
	extension := path.Ext(name)
	if len(extension) > maxExtension {
		extension = ""
	}
	return strings.TrimRight(Prefix(name, maxFileName-len(extension)), ". ") + extension
}

// PlainName returns name if it cannot be read as a sentence: up to three words, 40
// characters in all, of letters, digits and _ - . only. Else it returns fallback.
func PlainName(name, fallback string) string {
	isForbidden := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-. ", r)
	}
	isLong := utf8.RuneCountInString(name) > maxPlainRunes || len(strings.Fields(name)) > maxPlainWords
	if name == "" || isLong || strings.ContainsFunc(name, isForbidden) {
		return fallback
	}
	return name
}

// Numbered returns a name that holds the number alone, as in column_3.
func Numbered(noun string, number int) string { return fmt.Sprintf("%s_%d", noun, number) }

// NumberedFile returns a file's name by its number, as in file_3.csv. The
// extension of name is kept if it is a common one.
func NumberedFile(name string, number int) string {
	switch extension := strings.ToLower(path.Ext(name)); extension {
	case ".csv", ".json", ".xml", ".txt", ".md", ".html", ".pdf", ".xlsx", ".docx", ".zip", ".png", ".jpg", ".jpeg", ".webp":
		return Numbered("file", number) + extension
	}
	return Numbered("file", number)
}
