package output

import (
	"errors"

	"github.com/browseract/browseract-mcp/tools/sanitize"
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
		name := sanitize.Numbered("column", i+1)
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
