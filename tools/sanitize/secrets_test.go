package sanitize_test

import (
	"testing"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"key app-abcdef123 is bad":              "key [redacted] is bad",
		"Authorization: Bearer abc.def":         "Authorization: Bearer [redacted]",
		`{"api_key":"abc","n":1}`:               `{"api_key":"[redacted]","n":1}`,
		"https://a.example/f?X-Amz-Signature=s": "https://a.example/f?X-Amz-Signature=[redacted]",
		"ftp://user:word@host/a":                "ftp://[redacted]@host/a",
		"tool call tool=list_tasks":             "tool call tool=list_tasks",
	} {
		if got := sanitize.Secrets(text); got != want {
			t.Errorf("Secrets(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzSecrets compares Secrets, which skips lines that can hold no secret, with the
// pattern alone.
func FuzzSecrets(f *testing.F) {
	for _, line := range []string{
		`09:54:10 INF tool call tool=list_tasks request_id=7 duration=951.2µs is_error=false`,
		`key=APP-abcdef123`, `Cookie: a=b`, `api_key="x"`, `apikey=x`, `ſecret=x`, `{"x-token":1,"url":"a\u0026Token=abc"}`,
		`https://a/b?c=d;X-Amz-Signature=e`, `ftp://user:word@host`, `BEARER%20abc`, `authoriza\u212Aion`, `coo` + "\u212a" + `ie=1`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if got, want := sanitize.Secrets(line), sanitize.SecretsSlowly(line); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// BenchmarkSecrets measures a line of the log that holds no secret.
func BenchmarkSecrets(b *testing.B) {
	for b.Loop() {
		sanitize.Secrets("09:54:10 INF tool call tool=list_tasks request_id=7 duration=951.2µs is_error=false\n")
	}
}
