package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// columns is the narrowest terminal that output is made for.
const columns = 80

type textWriter struct{ w io.Writer }

// say writes text, folded after spaces.
func (t textWriter) say(text string) { t.put("", text, " ") }

// put writes text after a label, which is ASCII. It continues below the beginning of
// the text, and breaks lines only after a separator.
func (t textWriter) put(label, text, separator string) {
	for line := range strings.Lines(text) {
		for _, part := range fold(strings.TrimRight(line, "\n"), separator, columns-len(label)) {
			fmt.Fprintln(t.w, strings.TrimRight(label+part, " "))
			label = strings.Repeat(" ", len(label))
		}
	}
}

// fold divides a line after separators into parts of at most width characters, as
// far as it has separators.
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
