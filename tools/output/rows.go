package output

import (
	"fmt"
	"iter"
	"sort"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
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

// A row is found from the nearest mark before it: the index stays small for millions
// of tiny rows, a look-up short for huge ones.
const (
	rowsPerMark  = 64
	bytesPerMark = 64 << 10
)

// index holds where some of a document's rows begin.
type index struct {
	rows  int
	marks []mark
}

type mark struct{ row, offset int }

// add counts a row that begins at offset.
func (x *index) add(offset int) {
	last := mark{row: -rowsPerMark}
	if n := len(x.marks); n > 0 {
		last = x.marks[n-1]
	}
	if x.rows-last.row >= rowsPerMark || offset-last.offset >= bytesPerMark {
		x.marks = append(x.marks, mark{x.rows, offset})
	}
	x.rows++
}

// before returns the last mark at or before a row, which exists.
func (x *index) before(row int) mark {
	return x.marks[sort.Search(len(x.marks), func(i int) bool { return x.marks[i].row > row })-1]
}

// rowsFrom yields the rows from number first on, with their numbers.
func (d *Document) rowsFrom(first int) iter.Seq2[int, span] {
	return func(yield func(int, span) bool) {
		if first >= d.index.rows {
			return
		}
		at := d.index.before(first)
		row, ok := d.table.next(at.offset)
		for n := at.row; ok; n++ {
			if n >= first && !yield(n, row) {
				return
			}
			row, ok = d.table.next(row.end)
		}
	}
}

// Preview returns the first rows or lines that fit into maxBytes, sanitised: CSV
// for CSV, a JSON array for JSON and NDJSON, lines for the other kinds, ending in
// "…" where more follow. A first row that does not fit is truncated inside its
// values. It is valid in its format where maxBytes allows one row, and cheap.
func (d *Document) Preview(maxBytes int) string {
	if d.kind == Empty || d.locked || maxBytes < 1 {
		return ""
	}
	format := FormatJSON
	if d.kind == CSV {
		format = FormatCSV
	}
	layout, _ := d.layout(PageRequest{Format: format})
	if !d.tabular() {
		layout.close = "\n…" // where more follow
	}
	b := rowsBuilder{layout: layout, left: size{tokens: maxBytes, bytes: maxBytes}}
	if !b.begin() {
		return d.head(maxBytes)
	}
	for _, row := range d.rowsFrom(0) {
		if !b.add(d.record(row)) {
			break
		}
	}
	switch {
	case b.rows == d.index.rows && !d.tabular():
		return b.text.String()
	case b.rows == 0 && d.index.rows > 0:
		return d.head(maxBytes)
	}
	return b.text.String() + b.layout.close
}

// head is the beginning of the source, for previews too small for a row.
func (d *Document) head(maxBytes int) string {
	const mark = "…"
	all := size{tokens: maxBytes, bytes: maxBytes}
	if all.prefix(d.src) == len(d.src) {
		return sanitize.Text(d.src)
	}
	if maxBytes < len(mark) {
		return ""
	}
	all.bytes -= len(mark)
	return sanitize.Text(d.src[:all.prefix(d.src)]) + mark
}
