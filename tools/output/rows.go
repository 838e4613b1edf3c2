package output

import (
	"fmt"
	"strings"
)

func (d *Document) rowsPage(r PageRequest) (Page, error) {
	layout, err := d.layout(r)
	if err != nil {
		return Page{}, err
	}
	if err := r.checkOffset(d.index.rows, d.rowNoun()+"s"); err != nil {
		return Page{}, err
	}
	page := d.page(r, ViewRows, layout.format)
	b := rowsBuilder{layout: layout, left: r.size()}
	// With a quarter for the header there is room for a row of any number of
	// cells, once they are truncated.
	if header := (size{b.left.tokens / 4, b.left.bytes / 4}); !header.fits(layout.open) {
		return Page{}, fmt.Errorf("format %s: the names of %d columns leave no room for rows; name fewer columns in fields, or use format json",
			layout.format, len(d.columns))
	}
	b.begin()
	for n, row := range d.rowsFrom(r.Offset) {
		if r.Limit > 0 && b.rows == r.Limit || !b.add(d.record(row)) {
			page.NextOffset = n
			break
		}
	}
	page.Returned = b.rows
	page.Text = b.text.String() + layout.close
	page.Warnings = append(page.Warnings, b.warnings(d, r)...)
	return page, nil
}

func (d *Document) rowNoun() string {
	if d.tabular() {
		return "row"
	}
	return "line"
}

// rowsBuilder joins rows until no more fit.
type rowsBuilder struct {
	layout          layout
	left            size
	text            strings.Builder
	rows            int
	changes         changes
	truncated       *record // the row that was truncated, always the first
	truncatedValues int     // of it
}

// begin writes what stands before the rows, if that and what follows them fits.
func (b *rowsBuilder) begin() bool {
	b.text.WriteString(b.layout.open)
	b.changes.add(b.layout.changes)
	return b.left.take(b.layout.open) && b.left.take(b.layout.close)
}

// add writes a row if it fits. The first row of a page is truncated until it does.
func (b *rowsBuilder) add(row *record) bool {
	// A longer value cannot fit, even if it is all escapes.
	e := encoder{limit: maxEscape * b.left.bytes, maxRow: b.left.bytes}
	text := b.layout.row(&e, row)
	if e.truncated == 0 && b.write(text, e) {
		return true
	}
	return b.rows == 0 && b.addTruncated(row)
}

// addTruncated writes a row with its values truncated at ever fewer bytes, or,
// where it has too many values for that, as one value that is truncated.
func (b *rowsBuilder) addTruncated(row *record) bool {
	for _, encode := range []rowEncoder{b.layout.row, b.layout.fallback} {
		for limit := b.left.bytes / 2; limit > 0; limit /= 2 {
			e := encoder{limit: limit, maxRow: b.left.bytes}
			if b.write(encode(&e, row), e) {
				b.truncated, b.truncatedValues = row, e.truncated
				return true
			}
		}
	}
	return false
}

func (b *rowsBuilder) write(text string, e encoder) bool {
	if b.rows > 0 {
		text = b.layout.between + text
	}
	if e.tooLong || !b.left.take(text) {
		return false
	}
	b.text.WriteString(text)
	b.rows++
	b.changes.add(e.changes)
	return true
}

func (b *rowsBuilder) warnings(d *Document, r PageRequest) (sentences []string) {
	if b.truncated != nil {
		advice := "Read it whole"
		if d.tabular() {
			advice = "Request fewer fields, or read it whole"
		}
		sentences = append(sentences, fmt.Sprintf("The %s at offset %d is too large for a page and was cut (values cut: %d). %s in view raw from offset %d.",
			d.rowNoun(), r.Offset, b.truncatedValues, advice, b.truncated.span.start))
	}
	if b.layout.ignored {
		sentences = append(sentences, fmt.Sprintf("This output is %s: it comes as lines, format %s does not apply.", d.kind, r.Format))
	}
	return append(sentences, b.changes.warnings()...)
}
