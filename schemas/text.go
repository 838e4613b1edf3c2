package schemas

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxText is how many bytes of text one argument or input may have.
const maxText = 100_000

// readText returns the string that raw is, if it is fit to be sent on.
func readText(raw json.RawMessage) (string, *fault) {
	s, _ := text(raw)
	if strings.ContainsRune(s, utf8.RuneError) && hasHalfPair(raw) {
		return "", wrong("holds half a character (one \\u escape of a pair); send whole characters.")
	}
	return s, checkText(s)
}

// checkText refuses text that nobody means to send.
func checkText(s string) *fault {
	if len(s) > maxText {
		return wrong("must be at most %d bytes of text; these are %d.", maxText, len(s))
	}
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		return wrong("must not hold control characters; the character U+%04X was sent.", s[i])
	}
	return nil
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}

// hasHalfPair tells whether a JSON string escapes one half of a UTF-16 pair
// without the other, for which encoding/json would put U+FFFD.
func hasHalfPair(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		first := escaped(raw[i:])
		if !utf16.IsSurrogate(first) {
			i++
			continue
		}
		i += len(`\u0000`)
		if utf16.DecodeRune(first, escaped(raw[i:])) == utf8.RuneError {
			return true
		}
		i += len(`\u0000`) - 1
	}
	return false
}

// escaped returns the UTF-16 unit of the \u escape that raw starts with, 0 if it
// starts with none.
func escaped(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0
	}
	unit, _ := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(unit)
}
