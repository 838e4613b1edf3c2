// Package output reads the text that a run left and makes it fit for a model: a
// profile, a preview, and pages that keep a size and are valid in their format.
// Begin with [Parse] and [Document.Page].
//
// Web pages write outputs, so text leaves this package through [sanitize.Text]
// only. But for that, all pages together are the output. Nothing is repaired: an
// output that is almost JSON is text, with a warning that says where it broke.
//
// The package knows strings only, neither MCP nor the service that ran the task.
package output

import (
	"errors"
	"slices"
	"sync"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// Kind is what an output was recognised as.
type Kind string

// The kinds of outputs.
const (
	JSON     Kind = "json"     // one JSON object, array or string
	NDJSON   Kind = "ndjson"   // several JSON objects or arrays, each beginning on a new line
	CSV      Kind = "csv"      // a header and one record or more, separated by , ; | or tab
	XML      Kind = "xml"      // begins and ends with the tags of one element; not checked between them
	Markdown Kind = "markdown" // text with headings, tables, lists or links of Markdown
	Text     Kind = "text"     // anything else, invalid JSON included
	Empty    Kind = "empty"    // white space only
)

// Document is an output, parsed as far as paging needs it. It never changes and is
// safe for concurrent use. It refers to the string that it was parsed from.
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
	// next returns the first row from the first one or the end of another on, if any.
	next(from int) (span, bool)
	// cells puts the values that a row has into cells, one zero value for each column.
	cells(row span, cells []value)
}

// span is a part of a document's source, in bytes.
type span struct{ start, end int }

// Parse recognises s and finds its rows. It never fails: what is not valid in any
// structured kind is [Text]. It reads s once and costs less than decoding it.
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

// Rows returns the number of rows of a JSON, NDJSON or CSV output: the elements of
// an array, the values of NDJSON, the records of CSV without its header; a single
// object or string is one row. It is false for the other kinds, which have lines.
func (d *Document) Rows() (n int, ok bool) {
	if !d.tabular() {
		return 0, false
	}
	return d.index.rows, true
}

// Columns returns the names of the columns in the order in which they first appear
// in the output, each on one line of up to 80 characters and unique. Rows that are
// no objects are in a column "value". Outputs without rows have no columns.
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

// cells returns the values of a row by column, in buf if it is of their length.
func (d *Document) cells(row span, buf []value) []value {
	if len(buf) != len(d.columns) {
		buf = make([]value, len(d.columns))
	}
	clear(buf)
	d.table.cells(row, buf)
	return buf
}

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
