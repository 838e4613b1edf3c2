package output

import (
	"strings"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

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
