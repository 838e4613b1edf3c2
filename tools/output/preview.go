package output

import "github.com/browseract/browseract-mcp/tools/sanitize"

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
