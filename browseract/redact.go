package browseract

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

const (
	minSecret  = 8   // bytes: a shorter key is found in texts by chance
	maxMessage = 500 // bytes
)

// RedactURLs shortens each URL in text to its scheme and host. The rest can be a
// secret: the token of a live view, the signature of a link, a proxy's password.
func RedactURLs(text string) string {
	return urlUser.ReplaceAllLiteralString(urlPath.ReplaceAllString(text, "$1/…"), "://")
}

// urlPath matches a URL that goes on after its host, its group the part up to there,
// and urlUser the beginning of a URL with a user. A URL ends where a text's would.
var (
	urlPath = regexp.MustCompile("(://" + urlHost + ")[/?#][^" + urlEnd + "]*")
	urlUser = regexp.MustCompile("://" + urlHost + "@")
)

const (
	urlEnd  = " \\t\\r\\n\"'`<>|\\\\^{}"
	urlHost = "[^/?#" + urlEnd + "]*"
)

// redactKey returns body without the key, should a server repeat it: in an error, or
// on a page that a run has opened.
func redactKey(body []byte, key string) []byte {
	if len(key) < minSecret || !bytes.Contains(body, []byte(key)) {
		return body
	}
	return bytes.ReplaceAll(body, []byte(key), []byte("[key]"))
}

// oneLine makes a server's text safe for an error or a log: one line of at most
// maxMessage bytes, without control characters and with redacted URLs.
func oneLine(s string) string {
	s, rest := RedactURLs(s), ""
	if len(s) > maxMessage {
		s, rest = s[:maxMessage], "…"
	}
	words := strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(words, " ") + rest
}
