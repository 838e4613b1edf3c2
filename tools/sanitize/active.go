package sanitize

import "strings"

// Active puts a space into markup that would load something when text is shown as
// Markdown or HTML, or hide where it leads: images, inline and by reference; links
// with a text of their own; elements that load, run or lead to something; url() of
// CSS. What results is plain text that a person can still read: ! [alt] (url).
//
// Bare URLs stay: they show where they lead, and load only when a user opens them.
func Active(s string) string {
	text, _ := CountActive(s)
	return text
}

// CountActive is [Active], and returns how many spaces it put in.
func CountActive(s string) (text string, changed int) {
	var b strings.Builder
	done := 0 // bytes of s that b holds
	for i := nextActive(s, 1); i < len(s); i = nextActive(s, i+1) {
		b.WriteString(s[done:i])
		b.WriteByte(' ')
		done = i
		changed++
	}
	if changed == 0 {
		return s, 0
	}
	b.WriteString(s[done:])
	return b.String(), changed
}

// nextActive returns the first offset at or after i, from 1 on, that needs a space
// before it; len(s) if there is none.
func nextActive(s string, i int) int {
	for ; i < len(s); i++ {
		switch before := s[i-1]; {
		case before == '<':
			if startsActiveTag(s[i:]) {
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

const (
	maxTagName = len("picture")
	maxTag     = 2000 // bytes of a tag in which an address is looked for
)

// startsActiveTag reports whether s begins with the name of an element that loads
// what its attributes name, leads there, or holds a script or a style.
func startsActiveTag(s string) bool {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	name := strings.ToLower(s[:min(n, maxTagName+1)])
	ends := n == len(s) || strings.IndexByte(" \n\r\t/", s[n]) >= 0
	switch name {
	case "script", "style":
		return ends || !isWord(s[n])
	case "a", "area":
		tag, _, _ := strings.Cut(s[n:min(len(s), n+maxTag)], ">")
		return ends && strings.Contains(strings.ToLower(tag), "href")
	case "form", "button", "img", "image", "input", "source", "video", "audio", "track", "picture", "iframe", "frame",
		"embed", "object", "applet", "link", "svg", "use", "body", "meta", "base", "portal":
		return ends // at the end of s too: a cell's border may follow
	}
	return false
}

// endsInURL reports whether s ends in the word url.
func endsInURL(s string) bool {
	n := len(s) - len("url")
	return n >= 0 && strings.EqualFold(s[n:], "url") && (n == 0 || !isWord(s[n-1]))
}

func isLetter(c byte) bool { c |= ' '; return 'a' <= c && c <= 'z' }

func isWord(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '_' }
