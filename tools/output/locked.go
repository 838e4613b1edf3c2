package output

import (
	"errors"
	"slices"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// ErrLocked is the error of a page that would show what a locked document holds.
var ErrLocked = errors.New("this server shows only the profile of outputs; use view profile")

// Locked returns the document without any text that a model could obey: it has no
// rows, previews or examples, and its columns are numbered, since a page may have
// chosen their names. Counts stay: rows, types, shares, bytes.
func (d *Document) Locked() *Document {
	locked := &Document{src: d.src, kind: d.kind, table: d.table, index: d.index, warnings: d.warnings, locked: true}
	for i := range d.columns {
		name := sanitize.Numbered("column", i+1)
		locked.columns = append(locked.columns, column{key: name, name: name})
	}
	locked.profile = func() Profile {
		p := d.Profile()
		p.Columns = slices.Clone(p.Columns)
		for i := range p.Columns {
			p.Columns[i].Name, p.Columns[i].Example = locked.columns[i].name, ""
		}
		return p
	}
	return locked
}
