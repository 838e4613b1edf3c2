package output

// Preview returns the first rows or lines that fit into maxBytes, cleaned: CSV for
// CSV, a JSON array for JSON and NDJSON, lines for the other kinds. A first row that
// does not fit is cut inside its values, visibly. It is valid in its format where
// maxBytes allows one row, and cheap.
func (d *Document) Preview(maxBytes int) string {
	if d.kind == Empty || maxBytes < 1 {
		return ""
	}
	form, _ := d.layout(PageRequest{Format: d.ownFormat()})
	b := rowsBuilder{layout: form, left: space{tokens: maxBytes, bytes: maxBytes}}
	if !b.begin() {
		return d.stump(maxBytes)
	}
	for _, row := range d.rowsFrom(0) {
		if !b.add(row) {
			break
		}
	}
	if b.rows == 0 && d.index.rows > 0 {
		return d.stump(maxBytes)
	}
	return b.text.String() + form.close
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
	if maxBytes < len(mark) {
		return ""
	}
	n := space{tokens: maxBytes, bytes: maxBytes - len(mark)}.prefix(d.src)
	return Clean(d.src[:n]) + mark
}
