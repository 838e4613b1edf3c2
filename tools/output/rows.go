package output

import (
	"fmt"
	"strings"
)

func (d *Document) rowsPage(r PageRequest) (Page, error) {
	form, err := d.layout(r)
	if err != nil {
		return Page{}, err
	}
	if err := pastEnd(r.Offset, d.index.rows, d.rowNoun()+"s"); err != nil {
		return Page{}, err
	}
	page := d.page(r, ViewRows, form.format)
	if !r.space().quarter().holds(form.open) {
		return Page{}, fmt.Errorf("format: the names of %d columns leave no room for rows in %s; name fewer columns in fields, or use format json",
			len(d.columns), form.format)
	}
	b := rowsBuilder{layout: form, left: r.space()}
	b.begin()
	for n, row := range d.rowsFrom(r.Offset) {
		if r.Limit > 0 && b.rows == r.Limit || !b.add(d.record(row)) {
			page.NextOffset = n
			break
		}
	}
	page.Returned = b.rows
	page.Text = b.text.String() + form.close
	page.Warnings = append(page.Warnings, b.warnings(d, r)...)
	return page, nil
}

func (d *Document) rowNoun() string {
	if d.tabular() {
		return "row"
	}
	return "line"
}

// rowsBuilder puts rows together until the space is used up.
type rowsBuilder struct {
	layout  layout
	left    space
	text    strings.Builder
	rows    int
	changes changes
	cut     *record // the row that had to be cut, always the first
	values  int     // of it that were cut
}

// begin writes what comes before the rows, if that and what comes after them fits.
func (b *rowsBuilder) begin() bool {
	b.text.WriteString(b.layout.open)
	b.changes.add(b.layout.changes)
	return b.left.take(b.layout.open) && b.left.take(b.layout.close)
}

// add writes a row if it fits. The first row of a page is cut until it does.
func (b *rowsBuilder) add(row *record) bool {
	// A value that is longer cannot fit, even if it is all escapes.
	p := pen{limit: escapedBytes * b.left.bytes, room: b.left.bytes}
	text := b.layout.row(&p, row)
	if p.cut == 0 && b.write(text, p) {
		return true
	}
	return b.rows == 0 && b.addCut(row)
}

// addCut writes a row with its values cut at ever fewer bytes, or, where it has
// too many values for that, as one value that is cut.
func (b *rowsBuilder) addCut(row *record) bool {
	for _, write := range []func(*pen, *record) string{b.layout.row, b.layout.scrap} {
		for limit := b.left.bytes / 2; limit > 0; limit /= 2 {
			p := pen{limit: limit, room: b.left.bytes}
			if b.write(write(&p, row), p) {
				b.cut, b.values = row, p.cut
				return true
			}
		}
	}
	return false
}

func (b *rowsBuilder) write(text string, p pen) bool {
	if b.rows > 0 {
		text = b.layout.between + text
	}
	if p.over || !b.left.take(text) {
		return false
	}
	b.text.WriteString(text)
	b.rows++
	b.changes.add(p.changes)
	return true
}

func (b *rowsBuilder) warnings(d *Document, r PageRequest) (sentences []string) {
	if b.cut != nil {
		sentences = append(sentences, b.cutWarning(d, r.Offset))
	}
	if b.layout.ignored {
		sentences = append(sentences, fmt.Sprintf("This output is %s: it comes as lines, whatever the format.", d.kind))
	}
	return append(sentences, b.changes.warnings()...)
}

func (b *rowsBuilder) cutWarning(d *Document, offset int) string {
	advice := "Read it whole"
	if d.tabular() {
		advice = "Ask for fewer fields, or read it whole"
	}
	return fmt.Sprintf("The %s at offset %d is too large for a page and was cut (values cut: %d). %s in view raw from offset %d.",
		d.rowNoun(), offset, b.values, advice, b.cut.span.start)
}
