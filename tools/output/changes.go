package output

import (
	"fmt"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// changes count what was done to a text to show it, and what in it is left as it is
// and takes care.
type changes struct {
	removed  int // characters by cleaning
	inert    int // places by a space
	formulas int // cells of CSV, see [FormulaWarning]
}

func (c *changes) show(s string) string {
	cleaned, removed := sanitize.CountInvisible(s)
	text, places := sanitize.CountActive(cleaned)
	c.removed += removed
	c.inert += places
	return text
}

func (c *changes) add(other changes) {
	c.removed += other.removed
	c.inert += other.inert
	c.formulas += other.formulas
}

// warnings tell what differs from the output.
func (c *changes) warnings() (sentences []string) {
	if c.removed > 0 {
		sentences = append(sentences, fmt.Sprintf(
			"%d invisible, control or invalid characters were removed from or replaced in this page.", c.removed))
	}
	if c.inert > 0 {
		sentences = append(sentences, fmt.Sprintf(
			"%d images, links or elements that load something were made inert in this page: each has a space that the output has not.", c.inert))
	}
	return append(sentences, FormulaWarning(c.formulas)...)
}
