package output

import "github.com/browseract/browseract-mcp/tools/sanitize"

// Preview returns the first rows or lines that fit into maxBytes, cleaned: CSV for
// CSV, a JSON array for JSON and NDJSON, lines for the other kinds, ending in "…" where
// more follow. A first row that does not fit is cut inside its values, visibly. It is valid in its format where
// maxBytes allows one row, and cheap.
func (d *Document) Preview(maxBytes int) string {
	if d.kind == Empty || d.locked || maxBytes < 1 {
		return ""
	}
	b := rowsBuilder{layout: d.previewLayout(), left: space{tokens: maxBytes, bytes: maxBytes}}
	if !b.begin() {
		return d.stump(maxBytes)
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
		return d.stump(maxBytes)
	}
	return b.text.String() + b.layout.close
}

// previewLayout has a line of its own to show that more lines follow.
func (d *Document) previewLayout() layout {
	form, _ := d.layout(PageRequest{Format: d.ownFormat()})
	if !d.tabular() {
		form.close = "\n…"
	}
	return form
}

func (d *Document) ownFormat() Format {
	if d.kind == CSV {
		return FormatCSV
	}
	return FormatJSON
}

// stump is the beginning of the source, for previews too small for a row.
func (d *Document) stump(maxBytes int) string {
	const mark = "…"
	whole := space{tokens: maxBytes, bytes: maxBytes}
	if whole.prefix(d.src) == len(d.src) {
		return sanitize.Text(d.src)
	}
	if maxBytes < len(mark) {
		return ""
	}
	whole.bytes -= len(mark)
	return sanitize.Text(d.src[:whole.prefix(d.src)]) + mark
}
