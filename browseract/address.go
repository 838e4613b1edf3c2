package browseract

import "strings"

// RedactURLs cuts each web address in text down to its host. What follows the
// host, and who is named before it, can be a secret: the token of a live view, the
// signature of a link, a proxy's password.
func RedactURLs(text string) string {
	const scheme = "://"
	var b strings.Builder
	for {
		before, address, found := strings.Cut(text, scheme)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := endOf(address, " \t\r\n\"'`<>|\\^{}")
		host := address[:endOf(address[:end], "/?#")]
		b.WriteString(scheme + host[strings.LastIndexByte(host, '@')+1:])
		if len(host) < end {
			b.WriteString("/…")
		}
		text = address[end:]
	}
}

// endOf is where in text the first of chars stands, or its length.
func endOf(text, chars string) int {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return i
	}
	return len(text)
}
