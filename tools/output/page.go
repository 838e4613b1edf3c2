package output

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// View is what of a document a page shows.
type View string

// The views.
const (
	ViewProfile View = "profile" // a JSON object: what the document is and what its columns hold
	ViewRows    View = "rows"    // rows, or lines of outputs that have no rows
	ViewRaw     View = "raw"     // the output as it was received, sanitised
)

// Format is how rows are written.
type Format string

// The formats. Text is the format of lines and of view raw; it cannot be requested.
const (
	FormatJSON     Format = "json"
	FormatCSV      Format = "csv"
	FormatMarkdown Format = "markdown"
	FormatText     Format = "text"
)

// The size of a page in o200k tokens, and the bytes that go with each token.
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
	Limit     int      // maximum number of rows or columns, 0 for as many as fit; view raw ignores it
	Format    Format   // of rows; empty means json
	MaxTokens int      // by [Tokens], with 3.75 bytes each; 0 means [DefaultMaxTokens], the minimum is [MinMaxTokens]
}

// Page is a part of a document. Its text is sanitised, see [sanitize.Text], and
// within MaxTokens. Text of view profile and of rows in format json is valid JSON,
// rows in formats csv and markdown have their header on every page.
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
// and what it may be. A locked document returns [ErrLocked] for all views but profile.
func (d *Document) Page(r PageRequest) (Page, error) {
	if err := r.check(); err != nil {
		return Page{}, err
	}
	switch {
	case r.View == ViewProfile:
		return d.profilePage(r)
	case d.locked:
		return Page{}, ErrLocked
	case r.View == ViewRaw:
		return d.rawPage(r)
	default:
		return d.rowsPage(r)
	}
}

func (r PageRequest) check() error {
	switch {
	case !slices.Contains([]View{"", ViewProfile, ViewRows, ViewRaw}, r.View):
		return fmt.Errorf("unknown view %q; use profile, rows or raw", sanitize.OneLine(string(r.View), 40))
	case !slices.Contains([]Format{"", FormatJSON, FormatCSV, FormatMarkdown}, r.Format):
		return fmt.Errorf("unknown format %q; use json, csv or markdown", sanitize.OneLine(string(r.Format), 40))
	case r.Offset < 0:
		return fmt.Errorf("offset %d is negative; use 0 or more", r.Offset)
	case r.Limit < 0:
		return fmt.Errorf("limit %d is negative; use 0 or more", r.Limit)
	case r.View == ViewRaw && len(r.Fields) > 0:
		return errors.New("fields do not apply to view raw; leave them out, or use view rows")
	}
	return nil
}

// checkOffset returns an error for an offset that no page can begin at.
func (r PageRequest) checkOffset(total int, what string) error {
	if r.Offset <= total {
		return nil
	}
	return fmt.Errorf("offset %d is past the end (%s: %d); use 0 to %d", r.Offset, what, total, total)
}

// page starts the answer to a request.
func (d *Document) page(r PageRequest, view View, format Format) Page {
	return Page{
		View: view, Format: format, Kind: d.kind,
		TotalRows: d.index.rows, Offset: r.Offset, NextOffset: -1, Warnings: d.Warnings(),
	}
}

// rawPage shows the source from a byte offset on, as much as fits.
func (d *Document) rawPage(r PageRequest) (Page, error) {
	if err := r.checkOffset(len(d.src), "bytes"); err != nil {
		return Page{}, err
	}
	page := d.page(r, ViewRaw, FormatText)
	page.Offset = runeStart(d.src, r.Offset)
	rest := d.src[page.Offset:]
	page.Returned = r.size().prefix(rest)
	if page.Returned < len(rest) {
		page.NextOffset = page.Offset + page.Returned
	}
	var changed changes
	page.Text = changed.show(rest[:page.Returned])
	page.Warnings = append(page.Warnings, changed.warnings()...)
	return page, nil
}

// size is the room that is left on a page.
type size struct{ tokens, bytes int }

func (r PageRequest) size() size {
	tokens := max(cmp.Or(r.MaxTokens, DefaultMaxTokens), MinMaxTokens)
	return size{tokens, int(float64(tokens) * bytesPerToken)}
}

// take subtracts the size of text, if it fits, and reports whether it does.
func (s *size) take(text string) bool {
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

// fits reports whether text fits.
func (s size) fits(text string) bool { return s.take(text) }

// prefix returns how many bytes of source fit once they are sanitised. It ends
// between characters, and is one character or longer if source is.
func (s size) prefix(source string) int {
	longest := min(len(source), s.bytes)
	tooLong := sort.Search(longest, func(n int) bool {
		return !s.fits(sanitize.Text(source[:runeStart(source, n+1)]))
	})
	return runeStart(source, tooLong)
}
