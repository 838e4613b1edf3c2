package output

import (
	"fmt"
	"regexp"
	"strings"
)

// loading finds what makes a client load something, or hides where it leads, when a
// text is shown as Markdown or HTML: images, inline and by reference; links with a
// text of their own; elements that load what they name; url() of CSS. Each match is two groups.
//
// Bare URLs are none of it: they show where they lead, nothing loads them unasked,
// and they are what many outputs are for.
var loading = regexp.MustCompile(`(?i)(!)(\[)|(\])(\()|\b(url)(\()|` +
	`(<)((?:script|style)\b|(?:img|image|input|source|video|audio|track|picture|iframe|frame|embed|object|applet|link|svg|use|body|meta|base|portal)[\s/])`)

// inert puts a space into what would load, which makes it text that anybody can
// still read, and tells how many times. Doing it twice changes nothing more.
func inert(s string) (text string, changed int) {
	if !mayLoad(s) {
		return s, 0
	}
	text = loading.ReplaceAllString(s, "$1$3$5$7 $2$4$6$8")
	return text, len(text) - len(s)
}

// mayLoad is a quick look for what loading finds: false only where there is none.
func mayLoad(s string) bool {
	return strings.Contains(s, "](") || strings.Contains(s, "![") || strings.Contains(s, "<") ||
		strings.Contains(s, "l(") || strings.Contains(s, "L(")
}

// Show makes text from a web page fit to be shown: cleaned, see [Clean], and with
// images, links and HTML elements that load something or hide where they lead made
// inert, by a space: ! [alt] (url), < img src=…>. Bare URLs stay. Doing it twice
// changes nothing more.
func Show(s string) string {
	text, _ := inert(Clean(s))
	return text
}

// changes count what was done to a text to show it.
type changes struct {
	removed int // characters by cleaning
	inert   int // places by a space
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
	return sentences
}
