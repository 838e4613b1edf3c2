package cli

// Redact takes the secrets out of a line of the log.
var Redact = redact

// RedactSlowly is Redact without the look for lines that can have none.
func RedactSlowly(text string) string { return secret().ReplaceAllString(text, "$1$2[redacted]$3") }
