package output

import (
	"sort"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

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

// prefix returns how many bytes of source fit once they are sanitised. It ends
// between characters, and is one character or longer if source is.
func (s size) prefix(source string) int {
	longest := min(len(source), s.bytes)
	tooLong := sort.Search(longest, func(n int) bool {
		return !s.fits(sanitize.Text(source[:runeStart(source, n+1)]))
	})
	return runeStart(source, tooLong)
}
