package schemas

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxText is how many bytes of text one argument or input may have.
const maxText = 100_000

// surrogates matches the escapes of a JSON string. Its group is one half of a UTF-16
// pair without the other.
var surrogates = regexp.MustCompile(`\\[^u]|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)`)

// readText returns the string that raw is, if it is fit to be sent on.
func readText(raw json.RawMessage) (string, *valueError) {
	s, _ := stringOf(raw)
	if strings.ContainsRune(s, utf8.RuneError) && hasLoneSurrogate(raw) {
		return "", invalid("holds half a character (one \\u escape of a pair); send whole characters.")
	}
	return s, checkText(s)
}

// hasLoneSurrogate reports whether a JSON string escapes one half of a UTF-16 pair
// without the other, which encoding/json would replace by U+FFFD.
func hasLoneSurrogate(raw []byte) bool {
	matches := surrogates.FindAllSubmatchIndex(raw, -1)
	return slices.ContainsFunc(matches, func(match []int) bool { return match[2] >= 0 })
}

// checkText refuses long text and control characters but tab and line breaks.
func checkText(s string) *valueError {
	if len(s) > maxText {
		return invalid("must be at most %d bytes of text; %d were sent.", maxText, len(s))
	}
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		return invalid("must not hold control characters; the character U+%04X was sent.", s[i])
	}
	return nil
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}
