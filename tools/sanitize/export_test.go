package sanitize

// FenceWith is Fence with a nonce of the test's.
var FenceWith = fence

// SecretsSlowly is Secrets without the check for lines that can hold none.
func SecretsSlowly(text string) string {
	return secret().ReplaceAllString(text, "$1$2[redacted]$3")
}
