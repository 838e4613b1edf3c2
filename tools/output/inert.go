package output

import (
	"fmt"
	"strings"
)

// inert puts a space into what would load something when a text is shown as Markdown
// or HTML, or hide where it leads: images, inline and by reference; links with a
// text of their own; elements that load or lead to what they name; url() of CSS. That makes it
// text that anybody can still read. It tells how many times; doing it twice changes nothing more.
//
// Bare URLs are none of it: they show where they lead, nothing loads them unasked,
// and they are what many outputs are for.
func inert(s string) (text string, places int) {
	first := firstLoading(s, 1)
	if first >= len(s) {
		return s, 0
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/16)
	from := 0
	for i := first; i < len(s); i = firstLoading(s, i+1) {
		b.WriteString(s[from:i])
		b.WriteByte(' ')
		from = i
		places++
	}
	b.WriteString(s[from:])
	return b.String(), places
}

// firstLoading returns the first place at or after i, from 1 on, before which a space
// is due; len(s) if there is none.
func firstLoading(s string, i int) int {
	for ; i < len(s); i++ {
		switch before := s[i-1]; {
		case before == '<':
			if opensLoading(s[i:]) {
				return i
			}
		case s[i] == '[':
			if before == '!' {
				return i
			}
		case s[i] == '(':
			if before == ']' || endsInURL(s[:i]) {
				return i
			}
		}
	}
	return len(s)
}

// opensLoading tells whether s begins with the name of an element that loads what
// its attributes name, or that runs or styles what is in it.
func opensLoading(s string) bool {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	next := byteAt(s, n)
	switch strings.ToLower(s[:min(n, len("picture")+1)]) {
	case "script", "style":
		return !isDigit(next) && next != '_'
	case "a", "area":
		return (isSpace(next) || next == '/') && leads(s[n:])
	case "form", "button", "img", "image", "input", "source", "video", "audio", "track", "picture", "iframe", "frame", "embed", "object", "applet",
		"link", "svg", "use", "body", "meta", "base", "portal":
		return isSpace(next) || next == '/' || n == len(s) // what follows is joined to it later: a cell's border, say
	}
	return false
}

// maxTag is up to where in a tag an address is looked for, in bytes.
const maxTag = 2000

// leads tells whether a tag, from behind its name on, has an address to lead to.
func leads(s string) bool {
	tag, _, _ := strings.Cut(s[:min(len(s), maxTag)], ">")
	return strings.Contains(strings.ToLower(tag), "href")
}

// endsInURL tells whether s ends in the word url.
func endsInURL(s string) bool {
	n := len(s) - len("url")
	return n >= 0 && strings.EqualFold(s[n:], "url") && (n == 0 || !isLetter(s[n-1]) && !isDigit(s[n-1]) && s[n-1] != '_')
}

// Show makes text from a web page fit to be shown: cleaned, see [Clean], and with
// images, links and HTML elements that load something or hide where they lead made
// inert, by a space: ! [alt] (url), < img src=…>. Bare URLs stay. Doing it twice
// changes nothing more.
func Show(s string) string {
	text, _ := inert(Clean(s))
	return text
}

// changes count what was done to a text to show it, and what in it is left as it is
// and takes care.
type changes struct {
	removed  int // characters by cleaning
	inert    int // places by a space
	formulas int // cells of CSV, see [FormulaWarning]
}

func (c *changes) show(s string) string {
	cleaned, removed := clean(s)
	text, places := inert(cleaned)
	c.removed += removed
	c.inert += places
	return text
}

func (c *changes) add(other changes) {
	c.removed += other.removed
	c.inert += other.inert
	c.formulas += other.formulas
}

// warnings tell what differs from the output.
func (c *changes) warnings() (sentences []string) {
	if c.removed > 0 {
		sentences = append(sentences, fmt.Sprintf(
			"%d invisible, control or invalid characters were removed from or replaced in this page.", c.removed))
	}
	if c.inert > 0 {
		sentences = append(sentences, fmt.Sprintf(
			"%d images, links or elements that load something were made inert in this page: each has a space that the output has not.", c.inert))
	}
	return append(sentences, FormulaWarning(c.formulas)...)
}
