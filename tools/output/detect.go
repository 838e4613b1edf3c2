package output

import (
	"strings"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

const byteOrderMark = "\uFEFF"

// sampleBytes is how much of a text decides between CSV, Markdown and plain text.
const sampleBytes = 64 << 10

// detect recognises the source, certain kinds before guessed ones.
func detect(d *Document) {
	start := d.start()
	visible := strings.TrimSpace(d.src[start:])
	switch {
	case visible == "":
		d.setLines(Empty, len(d.src))
	case detectJSON(d, start):
	case isXML(visible):
		d.setLines(XML, start)
	case detectCSV(d, start):
	case isMarkdown(d.sample(start)):
		d.setLines(Markdown, start)
	default:
		d.setLines(Text, start)
	}
}

// start returns where the source begins behind its byte order mark, if it has one.
func (d *Document) start() int { return len(d.src) - len(strings.TrimPrefix(d.src, byteOrderMark)) }

// sample returns the beginning of the source from start on, in whole lines.
func (d *Document) sample(start int) string {
	s := d.src[start:]
	if len(s) <= sampleBytes {
		return s
	}
	s = s[:sampleBytes]
	if i := strings.LastIndexByte(s, '\n'); i > 0 {
		s = s[:i+1]
	}
	return s
}

var (
	xmlRoot = lazyregexp.New(`^(?:<\?[^>]*\?>\s*|<!--[^>]*-->\s*|<![A-Za-z][^>]*>\s*)*<([A-Za-z_][\w.:-]*)[\s/>]`)
	xmlEnd  = lazyregexp.New(`</([A-Za-z_][\w.:-]*)\s*>$`)
)

// isXML reports whether s is one tag or stands between two. HTML is not XML.
func isXML(s string) bool {
	root := xmlRoot().FindStringSubmatch(s[:min(len(s), 4096)])
	if root == nil || strings.EqualFold(root[1], "html") {
		return false
	}
	if inside := s[len(root[0]):]; !strings.Contains(inside, "<") {
		return strings.HasSuffix(s, "/>")
	}
	end := xmlEnd().FindStringSubmatch(s[max(0, len(s)-256):])
	return end != nil && end[1] == root[1]
}

var (
	markdownSure = lazyregexp.New(`(?m)^ {0,3}(?:#{1,6} \S|\x60{3})|!?\[[^\]\n]*\]\((?:https?:|/|#)`)
	markdownHint = lazyregexp.New(`(?m)^ {0,3}(?:[-*+] \S|\d{1,3}\. \S|> \S|-{3,}$)|\*\*\S[^*\n]*\*\*`)
)

// isMarkdown reports whether a sample has a sure mark of Markdown, or two likely ones.
func isMarkdown(sample string) bool {
	return markdownSure().MatchString(sample) || tableRule().MatchString(sample) || len(markdownHint().FindAllStringIndex(sample, 2)) == 2
}

// lines is the table of the kinds without rows: each line is one.
type lines struct{ src string }

func (d *Document) setLines(kind Kind, start int) {
	t := lines{d.src}
	d.kind, d.table = kind, t
	for row, ok := t.next(start); ok; row, ok = t.next(row.end) {
		d.index.add(row.start)
	}
}

// next returns a line with its end.
func (t lines) next(from int) (span, bool) {
	if from == len(t.src) {
		return span{}, false
	}
	if i := strings.IndexByte(t.src[from:], '\n'); i >= 0 {
		return span{from, from + i + 1}, true
	}
	return span{from, len(t.src)}, true
}

// cells does nothing: lines have no columns.
func (t lines) cells(span, []value) {}
