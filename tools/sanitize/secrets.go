package sanitize

import (
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

// secret matches what must not reach a log, in each form that it takes there. Its
// groups are what stands around it.
var secret = lazyregexp.New(`(?i)` +
	// An API key.
	`app-[a-z0-9_-]{6,}` +
	// A member of a header, an object or a list of attributes that is named like a secret.
	`|((?:authorization|cookie|api[_-]?key|password|secret)\\?"?\s*[:=]\s*\[?\\?"?(?:\x1b\[[0-9;]*m)*(?:(?:basic|bearer|digest|token)\s+)?` +
	// An authorization value anywhere else.
	`|\bbearer(?:\s|%20|\+|\\[nrt])+` +
	// A parameter that opens a pre-signed link.
	`|(?:[?&;]|\\u0026)[^=&;\s"\\]*(?:sig|token|key|credential|secret|auth|password|policy)[^=&;\s"\\]*=)` + secretValue +
	// The user and password in an address.
	`|(://)[^/\s"\\@]+(@)`)

// secretValue ends where a quoted string, a header, a list or a query goes on.
const secretValue = `[^\s"'\\&,;<>\])}\x00-\x1f]+`

// Secrets replaces API keys, authorization values, passwords and the signatures of
// links by [redacted].
func Secrets(text string) string {
	if !mayHoldSecret(text) {
		return text
	}
	return secret().ReplaceAllString(text, "$1$2[redacted]$3")
}

// mayHoldSecret reports whether secret can match: each alternative begins with one
// of these. The pattern takes longer than all else on a log line's way, and most
// lines hold none of them. The pattern folds the long s to an s, ToLower does not.
func mayHoldSecret(text string) bool {
	lower := strings.ToLower(text)
	return slices.ContainsFunc([]string{
		"app-", "authorization", "cookie", "api", "password", "secret", "bearer", "?", "&", ";", `\u0026`, "://", "ſ",
	}, func(sign string) bool { return strings.Contains(lower, sign) })
}
