// Package sanitize makes text from outside fit to be shown to a model, written to a
// log or used as a name. Begin with [Text] and [OneLine]; [Fence] labels a longer
// text as data, [Secrets] is for logs and reports, [FileName] for files.
//
// Sanitising a result again changes nothing more. The package knows strings only.
package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes text from a web page fit to be shown: it is [Active] of [Invisible].
func Text(s string) string { return Active(Invisible(s)) }

// OneLine returns [Text] on one line of at most limit characters: white space
// becomes single spaces, a longer line ends in "…". A limit below 1 counts as 1.
func OneLine(s string, limit int) string {
	limit = max(limit, 1)
	// Enough to find limit visible characters in any text worth showing.
	head := Prefix(s, 64*limit)
	line := Active(strings.Join(strings.Fields(Invisible(head)), " "))
	if len(head) < len(s) {
		line += "…"
	}
	runes := []rune(line)
	if len(runes) <= limit {
		return line
	}
	return strings.TrimRight(string(runes[:limit-1]), " ") + "…"
}

// Truncate returns the first limit characters of text, with "…" behind them where
// there are more.
func Truncate(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}

// Prefix returns the longest prefix of at most n bytes that ends between characters.
func Prefix(s string, n int) string {
	if n >= len(s) {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Invisible removes what a reader cannot see and a model would read: zero-width,
// bidirectional-control, tag, variation and other invisible characters, and
// control characters except newline and tab. Every kind of line break becomes a
// newline, each byte that is not UTF-8 becomes U+FFFD.
func Invisible(s string) string {
	cleaned, _ := CountInvisible(s)
	return cleaned
}

// CountInvisible is [Invisible], and returns how many characters it removed or
// replaced by U+FFFD; line breaks do not count.
func CountInvisible(s string) (cleaned string, changed int) {
	var b strings.Builder
	done := 0 // bytes of s that b holds
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c <= '~' || c == '\n' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		replacement := ""
		switch {
		case r == utf8.RuneError && size == 1:
			replacement = "\uFFFD"
			changed++
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case isLineBreak(r):
			replacement = "\n"
		case isInvisible(r):
			changed++
		default:
			i += size
			continue
		}
		b.WriteString(s[done:i])
		b.WriteString(replacement)
		i += size
		done = i
	}
	if done == 0 {
		return s, 0
	}
	b.WriteString(s[done:])
	return b.String(), changed
}

func isLineBreak(r rune) bool { return r == '\r' || r == '\u2028' || r == '\u2029' }

// isInvisible follows Unicode's Default_Ignorable_Code_Point, and adds controls
// and noncharacters.
func isInvisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0xa0:
		return unicode.IsControl(r)
	case 0xae <= r && r < 0x300, 0x3165 <= r && r < 0xfdd0:
		return false // most letters, for speed
	case r&0xfffe == 0xfffe, 0xfdd0 <= r && r <= 0xfdef:
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		0xe0000 <= r && r <= 0xe0fff
}
