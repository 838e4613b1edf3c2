package output

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean removes what a reader cannot see and a model would read: zero-width,
// bidirectional-control, tag, variation and other invisible characters, and
// control characters except newline and tab. Every kind of line break becomes a
// newline, each byte that is not UTF-8 becomes U+FFFD. Cleaning twice changes nothing more.
func Clean(s string) string {
	cleaned, _ := clean(s)
	return cleaned
}

// clean is Clean, and tells how many characters it removed or replaced; line
// breaks do not count.
func clean(s string) (cleaned string, removed int) {
	dirty := firstDirty(s)
	if dirty == len(s) {
		return s, 0
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:dirty])
	for i := dirty; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteRune(utf8.RuneError)
			removed++
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case isLineBreak(r):
			b.WriteByte('\n')
		case isInvisible(r):
			removed++
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String(), removed
}

// firstDirty returns where the first character stands that Clean changes, or len(s).
func firstDirty(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if size == 1 || isLineBreak(r) || isInvisible(r) {
			return i
		}
		i += size
	}
	return len(s)
}

func isLineBreak(r rune) bool {
	return r == '\r' || r == '\u2028' || r == '\u2029'
}

// isInvisible follows Unicode's Default_Ignorable_Code_Point, and adds the
// controls and the noncharacters.
func isInvisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0xa0:
		return unicode.IsControl(r)
	case 0xae <= r && r < 0x300, 0x3165 <= r && r < 0xfdd0:
		return false // most letters there are, to be quick
	case r&0xfffe == 0xfffe, 0xfdd0 <= r && r <= 0xfdef:
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		0xe0000 <= r && r <= 0xe0fff
}

// Line shows s, see [Show], on one line: white space becomes single spaces, and
// what is longer than limit characters ends in "…". A limit below 1 counts as 1.
func Line(s string, limit int) string {
	limit = max(limit, 1)
	// Enough to find limit visible characters in any text worth showing.
	head := s[:runeStart(s, 64*limit)]
	text, _ := inert(strings.Join(strings.Fields(Clean(head)), " "))
	line := []rune(text)
	if len(line) <= limit && len(head) == len(s) {
		return string(line)
	}
	return strings.TrimRight(string(line[:min(len(line), limit-1)]), " ") + "…"
}

// runeStart returns the last place at or before i where s can be cut without
// splitting a character or a CR LF.
func runeStart(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	for back := 0; back < utf8.UTFMax && i-back > 0; back++ {
		if utf8.RuneStart(s[i-back]) {
			if _, size := utf8.DecodeRuneInString(s[i-back:]); size > back {
				i -= back
			}
			break
		}
	}
	if i > 0 && s[i] == '\n' && s[i-1] == '\r' {
		i--
	}
	return i
}
