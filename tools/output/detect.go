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
	body := span{len(d.src) - len(strings.TrimPrefix(d.src, byteOrderMark)), len(d.src)}
	visible := strings.TrimSpace(d.src[body.start:])
	switch {
	case visible == "":
		d.setLines(Empty, span{})
	case detectJSON(d, body):
	case isXML(visible):
		d.setLines(XML, body)
	case detectCSV(d, body):
	case isMarkdown(d.sample(body)):
		d.setLines(Markdown, body)
	default:
		d.setLines(Text, body)
	}
}

// sample returns the beginning of the body, in whole lines.
func (d *Document) sample(body span) string {
	s := d.src[body.start:body.end]
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

// isXML reports whether s begins and ends with the tags of one element, or is one
// tag. HTML is not XML.
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

// isMarkdown reports whether a sample has a mark that only Markdown has, or two that
// are rare in other texts.
func isMarkdown(sample string) bool {
	return markdownSure().MatchString(sample) || tableRule().MatchString(sample) || len(markdownHint().FindAllStringIndex(sample, 2)) == 2
}
