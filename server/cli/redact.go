package cli

import (
	"io"
	"strings"
)

// secret is what must not reach a log, whoever put it there and in whatever form:
// its groups are what stands around it.
var secret = lazily(`(?i)` +
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

// redact returns text without secrets.
func redact(text string) string {
	if !mayHoldSecret(text) {
		return text
	}
	return secret().ReplaceAllString(text, "$1$2[redacted]$3")
}

// mayHoldSecret reports whether secret can match: each of its ways begins with
// one of these. The pattern itself takes longer than the rest of a line's way
// into the log, and the line of a call has none of them. The long s is an s to
// the pattern, and not to ToLower.
func mayHoldSecret(text string) bool {
	lower := strings.ToLower(text)
	for _, sign := range []string{
		"app-", "authorization", "cookie", "api", "password", "secret", "bearer", "?", "&", ";", `\u0026`, "://", "ſ",
	} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// A redactor keeps secrets out of what is written through it, a line a write as
// the handlers of slog do: there every value has taken its last form, whether it
// was a group, an error, a header or a value that logs itself.
type redactor struct{ w io.Writer }

func (r redactor) Write(line []byte) (int, error) {
	if _, err := io.WriteString(r.w, redact(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
