package browseract

import (
	"bytes"
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
	const scheme = "://"
	var b strings.Builder
	for {
		before, address, found := strings.Cut(text, scheme)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := indexAny(address, " \t\r\n\"'`<>|\\^{}")
		host := address[:indexAny(address[:end], "/?#")]
		b.WriteString(scheme + host[strings.LastIndexByte(host, '@')+1:])
		if len(host) < end {
			b.WriteString("/…")
		}
		text = address[end:]
	}
}

// indexAny is [strings.IndexAny], and the length of text where it finds nothing.
func indexAny(text, chars string) int {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return i
	}
	return len(text)
}

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
