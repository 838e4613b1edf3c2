// Package output reads the text that a run wrote and makes it fit for a model:
// a profile, a preview, and pages that keep a budget and are valid in their
// format. Begin with [Parse] and [Document.Page].
//
// Outputs are written by web pages. What leaves this package lacks characters that
// a reader cannot see and loads nothing where it is shown ([Show]), and [Fence]
// labels it as data. But for that, pages put together are the output: values that hold
// no such thing come out as they went in. Nothing is ever repaired: an output that is
// almost JSON is text, with a warning that says where it broke.
//
// The package knows strings only, neither MCP nor the service that ran the task.
package output

import (
	"slices"
	"sync"
)

// Kind is what an output was recognised as.
type Kind string

// The kinds of outputs.
const (
	JSON     Kind = "json"     // one JSON object, array or string
	NDJSON   Kind = "ndjson"   // several JSON objects or arrays, each beginning on a new line
	CSV      Kind = "csv"      // a header and at least one record, separated by , ; | or tab
	XML      Kind = "xml"      // begins and ends with the tags of one element; not checked between them
	Markdown Kind = "markdown" // text with headings, tables, lists or links of Markdown
	Text     Kind = "text"     // anything else, broken JSON among it
	Empty    Kind = "empty"    // nothing but white space
)

// Document is an output, parsed as far as paging needs it. It never changes and
// may be used from several goroutines. It refers to the string it was made of.
type Document struct {
	src      string
	kind     Kind
	table    table
	index    index
	columns  []column
	warnings []string
	profile  func() Profile
	locked   bool // shows its profile only
}

// table finds the rows of one kind of document in its source, and the cells in a row.
type table interface {
	// next returns the first row that begins at or after the byte offset from,
	// which is the document's first row or the end of another. It is false after the last.
	next(from int) (span, bool)
	// cells puts the values of a row into cells, which has one zero value for each
	// of the document's columns. Those that the row lacks stay as they are.
	cells(row span, cells []value)
}

// span is a part of a document's source, in bytes.
type span struct{ start, end int }

// Parse recognises s and finds its rows. It never fails and never repairs: what
// is not valid in any structured kind is [Text]. It reads s once and costs less than
// decoding it.
func Parse(s string) *Document {
	d := &Document{src: s}
	detect(d)
	d.profile = sync.OnceValue(func() Profile { return newProfile(d) })
	return d
}

// Kind returns what the output was recognised as.
func (d *Document) Kind() Kind { return d.kind }

// Bytes returns the size of the whole output as it was received.
func (d *Document) Bytes() int { return len(d.src) }

// Rows returns how many rows a JSON, NDJSON or CSV output has: the elements of
// an array, the values of NDJSON, the records of CSV without its header; a
// single JSON object or string counts as one row. It is false for the other
// kinds, which have lines only.
func (d *Document) Rows() (n int, ok bool) {
	if !d.tabular() {
		return 0, false
	}
	return d.index.rows, true
}

// Columns returns the names of the columns in the order in which they first
// appear in the output, cleaned to one line of at most 80 characters and made
// distinct. Rows that are no objects are in a column "value". It is empty for
// outputs without rows, and cheap.
func (d *Document) Columns() []string {
	names := make([]string, len(d.columns))
	for i, c := range d.columns {
		names[i] = c.name
	}
	return names
}

// Warnings returns what a reader should know about the whole output, a sentence
// each: where invalid JSON broke, how the rows were found, ragged records.
func (d *Document) Warnings() []string { return slices.Clone(d.warnings) }

func (d *Document) tabular() bool {
	return d.kind == JSON || d.kind == NDJSON || d.kind == CSV
}

func (d *Document) warn(sentence string) { d.warnings = append(d.warnings, sentence) }

// cells returns the values of a row in the order of the columns, in the room that
// buf has for them.
func (d *Document) cells(row span, buf []value) []value {
	if len(buf) != len(d.columns) {
		buf = make([]value, len(d.columns))
	}
	clear(buf)
	d.table.cells(row, buf)
	return buf
}
