package output

import "strings"

// lines is the table of the kinds without rows: each line is one.
type lines struct {
	src string
	end int
}

func (d *Document) setLines(kind Kind, body span) {
	t := lines{src: d.src, end: body.end}
	d.kind, d.table = kind, t
	for row, ok := t.next(body.start); ok; row, ok = t.next(row.end) {
		d.index.add(row.start)
	}
}

// next returns a line with its end.
func (t lines) next(from int) (span, bool) {
	if from >= t.end {
		return span{}, false
	}
	if i := strings.IndexByte(t.src[from:t.end], '\n'); i >= 0 {
		return span{from, from + i + 1}, true
	}
	return span{from, t.end}, true
}

// cells does nothing: lines have no columns.
func (t lines) cells(span, []value) {}
