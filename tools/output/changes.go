package output

import (
	"fmt"
	"strings"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// changes counts what sanitising changed in a text, and the formulas that stay in it.
type changes struct{ invisible, active, formulas int }

// show returns [sanitize.Text], and counts.
func (c *changes) show(s string) string {
	text, invisible := sanitize.CountInvisible(s)
	text, active := sanitize.CountActive(text)
	c.invisible += invisible
	c.active += active
	return text
}

func (c *changes) add(other changes) {
	c.invisible += other.invisible
	c.active += other.active
	c.formulas += other.formulas
}

// warnings say how the text of a page differs from the output.
func (c *changes) warnings() (sentences []string) {
	if c.invisible > 0 {
		sentences = append(sentences, fmt.Sprintf("%d invisible, control or invalid characters were removed or replaced in this page.", c.invisible))
	}
	if c.active > 0 {
		sentences = append(sentences, fmt.Sprintf("%d images, links or elements of this page would load something: a space that the output does not have makes each plain text.", c.active))
	}
	return append(sentences, FormulaWarning(c.formulas)...)
}

// Formulas returns how many cells of a CSV output a spreadsheet program may run: a
// page can write them, and they can fetch an address with the user's data in it.
func (d *Document) Formulas() (cells int) {
	t, ok := d.table.(csvTable)
	if !ok {
		return 0
	}
	for i := t.skipBlank(0); i < len(t.src); i = t.skipBlank(i) {
		i, _ = t.record(i, func(cell span) {
			if isFormula(t.text(cell)) {
				cells++
			}
		})
	}
	return cells
}

// FormulaWarning says what a reader of CSV with formulas should know; nothing if
// cells is 0.
func FormulaWarning(cells int) []string {
	if cells == 0 {
		return nil
	}
	return []string{fmt.Sprintf("This CSV has %d cells that look like formulas, which a spreadsheet program would run: import it as text.", cells)}
}

// reference is what a formula needs to do something: a call, or a place elsewhere.
var reference = lazyregexp.New(`[A-Za-z]\(|[|!]`)

// isFormula reports whether a spreadsheet program would run a cell: any that begins
// with =, and those with + - @ that call or refer to something.
func isFormula(cell string) bool {
	cell = strings.TrimLeft(cell, " \t\r\n")
	if cell == "" || !strings.ContainsRune("=+-@", rune(cell[0])) {
		return false
	}
	return cell[0] == '=' && len(cell) > 1 || reference().MatchString(cell)
}
