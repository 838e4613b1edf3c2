package output

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// value is a cell: JSON as written, or plain text. The zero value is an absent cell.
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

// isString reports whether the value is a string of JSON.
func (v value) isString() bool { return v.form == formJSON && v.text[0] == '"' }

// members yields the keys of a valid object as written, in quotes, and its values.
func members(object string) iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		s := scanner{src: object}
		s.elements(0, func(key span, i int) int {
			end := s.value(i)
			if !yield(object[key.start:key.end], object[i:end]) {
				return s.fail(end, "enough") // the way to end a scan early
			}
			return end
		})
	}
}

// unescape returns what a string of JSON says, without quotes. Invalid UTF-8 stays.
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

// escapeStart returns the last offset up to i at which no character or escape of a string
// of JSON is split. It reads from the start, to know which backslash begins an escape.
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

// runeStart returns the last offset up to i at which no character or CR LF is split.
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

// escaped reads the escape, or the two of a surrogate pair, that s begins with.
func escaped(s string) (r rune, size int) {
	if s[1] != 'u' {
		if i := strings.IndexByte("bfnrt", s[1]); i >= 0 {
			return rune("\b\f\n\r\t"[i]), 2
		}
		return rune(s[1]), 2
	}
	r = hexRune(s[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6:8] == `\u` {
		if pair := utf16.DecodeRune(r, hexRune(s[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hexRune(digits string) rune {
	r, _ := strconv.ParseUint(digits, 16, 16)
	return rune(r)
}
