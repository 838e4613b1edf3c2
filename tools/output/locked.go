package output

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrLocked is the error of a page that would show what a locked document holds.
var ErrLocked = errors.New("only the profile of this output is shown here; use view profile")

// Locked returns the document without what a model could take for words to it: it
// has neither rows, previews nor examples, and its columns are numbered: a page may
// have chosen their names, and many short ones make a text. What is counted stays:
// rows, types, shares, bytes.
func (d *Document) Locked() *Document {
	locked := &Document{src: d.src, kind: d.kind, table: d.table, index: d.index, warnings: d.warnings, locked: true}
	for i := range d.columns {
		name := Numbered("column", i+1)
		locked.columns = append(locked.columns, column{key: name, name: name})
	}
	locked.profile = func() Profile { return d.Profile().withNames(locked.Columns()) }
	return locked
}

// withNames returns a profile of the same columns by other names, without examples.
func (p Profile) withNames(names []string) Profile {
	columns := make([]Column, len(p.Columns))
	for i, c := range p.Columns {
		c.Name, c.Example = names[i], ""
		columns[i] = c
	}
	p.Columns = columns
	return p
}

const (
	plainRunes = 40
	plainWords = 3
)

// PlainName returns a name that cannot be read as a sentence: name itself where it
// is up to three words, 40 characters in all, of letters, digits and _ - . only;
// else its number, see [Numbered].
func PlainName(name, of string, number int) string {
	plain := len([]rune(name)) <= plainRunes && len(strings.Fields(name)) <= plainWords
	for _, r := range name {
		plain = plain && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-. ", r))
	}
	if name == "" || !plain {
		return Numbered(of, number)
	}
	return name
}

// Numbered returns a name that tells nothing but the number, as in column_3.
func Numbered(of string, number int) string { return fmt.Sprintf("%s_%d", of, number) }
