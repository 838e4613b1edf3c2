package output

import (
	"fmt"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// View is what of a document a page shows.
type View string

// The views.
const (
	ViewProfile View = "profile" // a JSON object: what the document is and what its columns hold
	ViewRows    View = "rows"    // rows, or lines of outputs that have no rows
	ViewRaw     View = "raw"     // the output as it was received, but for what Show does
)

// Format is how rows are written.
type Format string

// The formats. Text is never asked for: views of text and raw pages come in it.
const (
	FormatJSON     Format = "json"
	FormatCSV      Format = "csv"
	FormatMarkdown Format = "markdown"
	FormatText     Format = "text"
)

// The budget of a page in o200k tokens: by default and at the least; and the bytes
// that go with each token.
const (
	DefaultMaxTokens = 8000
	MinMaxTokens     = 500
	bytesPerToken    = 3.75
)

// PageRequest says which part of a document to show, and how.
type PageRequest struct {
	View      View     // empty means rows
	Fields    []string // columns to show, in this order; empty means all
	Offset    int      // first row; in view raw the first byte, in view profile the first column
	Limit     int      // most rows or columns, 0 for as many as fit; view raw has no limit but the budget
	Format    Format   // of rows; empty means json
	MaxTokens int      // most tokens by [Tokens], at 3.75 bytes each; 0 means [DefaultMaxTokens], the minimum is 500
}

// Page is a part of a document. Its text is fit to be shown, see [Show], and within the budget. Text of
// view profile and of rows in format json is valid JSON, rows in formats csv and
// markdown have their header on every page.
type Page struct {
	Text       string
	View       View
	Format     Format
	Kind       Kind
	TotalRows  int      // rows of the document, lines where it has no rows
	Offset     int      // of the first row, byte or column that Text shows
	Returned   int      // rows, bytes of the source, or columns that Text shows
	NextOffset int      // where the next page begins, -1 if this is the last
	Warnings   []string // those of the document, then those of the page
}

// Page shows a part of the document. Its errors name the argument that is wrong
// and what it may be.
func (d *Document) Page(r PageRequest) (Page, error) {
	if err := r.check(); err != nil {
		return Page{}, err
	}
	if d.locked && r.View != ViewProfile {
		return Page{}, fmt.Errorf("view: %w", ErrLocked)
	}
	switch r.View {
	case ViewProfile:
		return d.profilePage(r)
	case ViewRaw:
		return d.rawPage(r)
	default:
		return d.rowsPage(r)
	}
}

func (r PageRequest) check() error {
	switch r.View {
	case "", ViewProfile, ViewRows, ViewRaw:
	default:
		return fmt.Errorf("view: %q is none; use profile, rows or raw", sanitize.OneLine(string(r.View), 40))
	}
	switch r.Format {
	case "", FormatJSON, FormatCSV, FormatMarkdown:
	default:
		return fmt.Errorf("format: %q is none; use json, csv or markdown", sanitize.OneLine(string(r.Format), 40))
	}
	if r.Offset < 0 {
		return fmt.Errorf("offset: %d is negative; use 0 or more", r.Offset)
	}
	if r.Limit < 0 {
		return fmt.Errorf("limit: %d is negative; use 0 or more", r.Limit)
	}
	if r.View == ViewRaw && len(r.Fields) > 0 {
		return fmt.Errorf("fields: view raw shows all there is; leave fields out, or use view rows")
	}
	return nil
}

// page starts the answer to a request.
func (d *Document) page(r PageRequest, view View, format Format) Page {
	return Page{
		View: view, Format: format, Kind: d.kind,
		TotalRows: d.index.rows, Offset: r.Offset, NextOffset: -1, Warnings: d.Warnings(),
	}
}

// space is what is left of a page, in tokens and bytes.
type space struct{ tokens, bytes int }

func (r PageRequest) space() space {
	tokens := r.MaxTokens
	if tokens == 0 {
		tokens = DefaultMaxTokens
	}
	tokens = max(tokens, MinMaxTokens)
	return space{tokens, int(float64(tokens) * bytesPerToken)}
}

// quarter is the most of a page that the header of a table may take: with that
// there is room for a row, however many cells it has, once they are cut.
func (s space) quarter() space { return space{s.tokens / 4, s.bytes / 4} }

// holds tells whether text fits.
func (s space) holds(text string) bool {
	return len(text) <= s.bytes && Tokens(text) <= s.tokens
}

// take uses up the space of text, and tells whether it fitted.
func (s *space) take(text string) bool {
	if len(text) > s.bytes {
		return false
	}
	tokens := Tokens(text)
	if tokens > s.tokens {
		return false
	}
	s.bytes -= len(text)
	s.tokens -= tokens
	return true
}

// pastEnd refuses an offset that no page can begin at.
func pastEnd(offset, total int, what string) error {
	if offset <= total {
		return nil
	}
	return fmt.Errorf("offset: %d is past the end (%s: %d); use 0 to %d", offset, what, total, total)
}
