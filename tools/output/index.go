package output

import (
	"iter"
	"sort"
)

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
