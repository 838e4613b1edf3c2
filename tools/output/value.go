package output

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// value is one cell: JSON as it was written, or plain text. The zero value is a
// cell that a row lacks.
type value struct {
	text string
	form form
}

type form int

const (
	formAbsent form = iota
	formJSON
	formText
)

func jsonValue(s string) value { return value{s, formJSON} }
func textValue(s string) value { return value{s, formText} }

// isString tells whether the value is a string of JSON.
func (v value) isString() bool { return v.form == formJSON && v.text[0] == '"' }

// members yields the keys of a valid object as written, in quotes, and its values.
func members(object string) iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		s := scanner{src: object}
		s.object(0, func(key span, i int) int {
			end := s.value(i)
			if !yield(object[key.start:key.end], object[i:end]) {
				return s.fail(end, "enough") // the way to end a scan early
			}
			return end
		})
	}
}

// unescape returns what a valid string of JSON, without its quotes, says. Bad
// UTF-8 stays as it is.
func unescape(raw string) string {
	slash := strings.IndexByte(raw, '\\')
	if slash < 0 {
		return raw
	}
	var b strings.Builder
	b.Grow(len(raw))
	for slash >= 0 {
		b.WriteString(raw[:slash])
		r, size := escaped(raw[slash:])
		b.WriteRune(r)
		raw = raw[slash+size:]
		slash = strings.IndexByte(raw, '\\')
	}
	b.WriteString(raw)
	return b.String()
}

// escapeStart returns the last place at or before i where a string of JSON can be
// cut without splitting a character or an escape. It reads from the start, since
// only there a backslash is known to begin an escape.
func escapeStart(raw string, i int) int {
	for at := 0; ; {
		var size int
		if raw[at] == '\\' {
			_, size = escaped(raw[at:])
		} else {
			_, size = utf8.DecodeRuneInString(raw[at:])
		}
		if at+size > i {
			return at
		}
		at += size
	}
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

// escaped reads the escape, or the two escapes of a surrogate pair, that s begins with.
func escaped(s string) (r rune, size int) {
	switch s[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r = hexRune(s[2:6])
	default:
		return rune(s[1]), 2
	}
	if utf16.IsSurrogate(r) {
		if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
			if pair := utf16.DecodeRune(r, hexRune(s[8:12])); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return utf8.RuneError, 6
	}
	return r, 6
}

func hexRune(digits string) rune {
	r, _ := strconv.ParseUint(digits, 16, 16)
	return rune(r)
}
