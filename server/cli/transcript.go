package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// columns is how wide a terminal is at least.
const columns = 80

// A transcript is text for a terminal.
type transcript struct{ out io.Writer }

// put writes text behind a label, which is ASCII. What does not fit goes on below
// its beginning; lines are broken after a separator only.
func (t transcript) put(label, text, separator string) {
	for line := range strings.Lines(text) {
		for _, part := range fold(strings.TrimRight(line, "\n"), separator, columns-len(label)) {
			fmt.Fprintln(t.out, strings.TrimRight(label+part, " "))
			label = strings.Repeat(" ", len(label))
		}
	}
}

// fold divides a line after separators into parts of at most width characters,
// as far as it has separators.
func fold(line, separator string, width int) []string {
	var parts []string
	part := ""
	for piece := range strings.SplitAfterSeq(line, separator) {
		if part != "" && utf8.RuneCountInString(part+strings.TrimRight(piece, " ")) > width {
			parts = append(parts, part)
			part = ""
		}
		part += piece
	}
	return append(parts, part)
}
