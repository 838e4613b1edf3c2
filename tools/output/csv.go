package output

import (
	"fmt"
	"strings"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

// csvTable finds records and cells by RFC 4180. A misplaced quote is a character.
type csvTable struct {
	src   string
	comma byte
}

// detectCSV accepts a source with a header and a record, of two columns or more.
func detectCSV(d *Document, start int) bool {
	comma, ok := guessComma(d.sample(start))
	if !ok {
		return false
	}
	t := csvTable{src: d.src, comma: comma}
	header, rest := t.header(start)
	s := t.survey(rest, len(header))
	d.kind, d.index, d.table = CSV, s.index, t
	d.columns = newColumns(append(header, make([]string, min(s.widest, maxColumns)-len(header))...))
	d.warnings = append(d.warnings, s.warnings()...)
	return true
}

// header reads the first record, and returns where the next begins.
func (t csvTable) header(from int) ([]string, int) {
	var cells []string
	end, _ := t.record(t.skipBlank(from), func(cell span) {
		cells = append(cells, t.text(cell))
	})
	return cells, end
}

// csvSurvey is what one pass over all records finds.
type csvSurvey struct {
	index     index
	widest    int
	ragged    oddRecords // more or fewer cells than the header
	badQuotes oddRecords // quotes where none belong
}

type oddRecords struct{ count, first int }

func (o *oddRecords) add(row int) {
	if o.count == 0 {
		o.first = row
	}
	o.count++
}

func (t csvTable) survey(from, width int) csvSurvey {
	s := csvSurvey{widest: width}
	for i := t.skipBlank(from); i < len(t.src); i = t.skipBlank(i) {
		cells := 0
		end, ok := t.record(i, func(span) { cells++ })
		if cells != width {
			s.ragged.add(s.index.rows)
		}
		if !ok {
			s.badQuotes.add(s.index.rows)
		}
		s.widest = max(s.widest, cells)
		s.index.add(i)
		i = end
	}
	return s
}

func (s *csvSurvey) warnings() (sentences []string) {
	for _, odd := range []struct {
		oddRecords
		have string
	}{
		{s.ragged, "more or fewer cells than the header"},
		{s.badQuotes, "quotes where CSV allows none, or that never close"},
	} {
		if odd.count > 0 {
			sentences = append(sentences, fmt.Sprintf("%d of %d records have %s; the first is at offset %d.", odd.count, s.index.rows, odd.have, odd.first))
		}
	}
	if s.widest > maxColumns {
		sentences = append(sentences, fmt.Sprintf("Some records have up to %d cells; those beyond %d are in view raw only.", s.widest, maxColumns))
	}
	return sentences
}

func (t csvTable) next(from int) (span, bool) {
	if from = t.skipBlank(from); from == len(t.src) {
		return span{}, false
	}
	end, _ := t.record(from, func(span) {})
	return span{from, end}, true
}

func (t csvTable) cells(row span, cells []value) {
	n := 0
	t.record(row.start, func(cell span) {
		if n < len(cells) {
			cells[n] = textValue(t.text(cell))
		}
		n++
	})
}

// record calls visit with each cell of the record at i, in its quotes, and returns
// where the record ends and whether its quotes are valid.
func (t csvTable) record(i int, visit func(cell span)) (end int, ok bool) {
	ok = true
	for {
		end, valid := t.cell(i)
		visit(span{i, end})
		ok = ok && valid
		if t.at(end) != t.comma {
			return t.lineEnd(end), ok
		}
		i = end + 1
	}
}

// cell returns where the cell at i ends.
func (t csvTable) cell(i int) (end int, ok bool) {
	if t.at(i) == '"' {
		return t.quoted(i)
	}
	end = i
	for end < len(t.src) && t.src[end] != t.comma && !t.endsLine(end) {
		end++
	}
	return end, !strings.Contains(t.src[i:end], `"`)
}

func (t csvTable) quoted(i int) (end int, ok bool) {
	ok = true
	for i++; i < len(t.src); i++ {
		switch {
		case t.src[i] != '"':
		case t.at(i+1) == '"':
			i++
		case i+1 == len(t.src) || t.at(i+1) == t.comma || t.endsLine(i+1):
			return i + 1, ok
		default:
			ok = false
		}
	}
	return len(t.src), false
}

// text returns what a cell says, without its quotes.
func (t csvTable) text(cell span) string {
	s, quoted := strings.CutPrefix(t.src[cell.start:cell.end], `"`)
	if !quoted {
		return s
	}
	return strings.ReplaceAll(strings.TrimSuffix(s, `"`), `""`, `"`)
}

func (t csvTable) at(i int) byte { return byteAt(t.src, i) }

// endsLine reports whether a line end begins at i.
func (t csvTable) endsLine(i int) bool {
	c := t.at(i)
	return c == '\n' || c == '\r' && (t.at(i+1) == '\n' || i+1 == len(t.src))
}

func (t csvTable) lineEnd(i int) int {
	if t.at(i) == '\r' {
		i++
	}
	return min(i+1, len(t.src))
}

func (t csvTable) skipBlank(i int) int {
	for i < len(t.src) && t.endsLine(i) {
		i = t.lineEnd(i)
	}
	return i
}

const (
	commaRecords = 50  // records that the separator is guessed from
	headingRunes = 100 // length of a column's heading
)

var (
	notHeading = lazyregexp.New(`[.!?:]\s*$|^\s*(?:#{1,6} |[-*+>] |<)|\x60{3}`)
	// tableRule is the line under the headings of a table in Markdown.
	tableRule = lazyregexp.New(`(?m)^ {0,3}(?:\|(?: *:?-+:? *\|)+|:?-+:? *\|(?: *:?-+:? *\|)* *:?-+:?) *\r?$`)
)

// guessComma returns the separator that splits a sample best: into records of which
// a third or more are as wide as the header. It is false for text without one.
func guessComma(sample string) (comma byte, ok bool) {
	if tableRule().MatchString(sample) {
		return 0, false
	}
	best := 0.0
	for _, c := range []byte(",;\t|") {
		if fit := commaFit(csvTable{src: sample, comma: c}); fit > best {
			best, comma = fit, c
		}
	}
	return comma, best > 0
}

// commaFit is 0 if the separator does not fit; else it grows with the share of
// records as wide as the header, and with their width.
func commaFit(t csvTable) float64 {
	header, i := t.header(0)
	if !plausibleHeader(header) || spaced(header) && len(header) < 3 {
		return 0
	}
	records, alike := 0, 0
	for i = t.skipBlank(i); i < len(t.src) && records < commaRecords; i = t.skipBlank(i) {
		cells := 0
		i, _ = t.record(i, func(span) { cells++ })
		records++
		if cells == len(header) {
			alike++
		}
	}
	if records == 0 || alike*3 < records {
		return 0
	}
	return float64(alike) / float64(records) * (1 + float64(len(header))/float64(maxColumns))
}

func plausibleHeader(cells []string) bool {
	blank := 0
	for _, cell := range cells {
		if len([]rune(cell)) > headingRunes || notHeading().MatchString(cell) || !balanced(cell) {
			return false
		}
		if strings.TrimSpace(cell) == "" {
			blank++
		}
	}
	return 2 <= len(cells) && len(cells) <= maxColumns && blank*2 < len(cells)
}

// balanced reports whether brackets open and close within a cell, unlike in code.
func balanced(cell string) bool {
	for _, pair := range []string{"()", "[]", "{}"} {
		if strings.Count(cell, pair[:1]) != strings.Count(cell, pair[1:]) {
			return false
		}
	}
	return true
}

// spaced reports whether a space follows every separator, as in a sentence.
func spaced(cells []string) bool {
	for _, cell := range cells[1:] {
		if !strings.HasPrefix(cell, " ") {
			return false
		}
	}
	return true
}
