package cli_test

import (
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// FuzzNoSecretIsOverlooked holds the short way of a line that can have no secret
// against the pattern.
func FuzzNoSecretIsOverlooked(f *testing.F) {
	for _, line := range []string{
		`09:54:10 INF tool call tool=list_tasks request_id=7 duration=951.2µs is_error=false`,
		`key=APP-abcdef123`, `Cookie: a=b`, `api_key="x"`, `apikey=x`, `ſecret=x`, `{"x-token":1,"url":"a\u0026Token=abc"}`,
		`https://a/b?c=d;X-Amz-Signature=e`, `ftp://user:word@host`, `BEARER%20abc`, `authoriza\u212Aion`, `coo` + "\u212a" + `ie=1`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if got, want := cli.Redact(line), cli.RedactSlowly(line); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// BenchmarkRedact is what the line of a call costs on its way into the log.
func BenchmarkRedact(b *testing.B) {
	for b.Loop() {
		cli.Redact("09:54:10 INF tool call tool=list_tasks request_id=7 duration=951.2µs is_error=false\n")
	}
}

// BenchmarkRedactSlowly is what it would cost by the pattern alone.
func BenchmarkRedactSlowly(b *testing.B) {
	for b.Loop() {
		cli.RedactSlowly("09:54:10 INF tool call tool=list_tasks request_id=7 duration=951.2µs is_error=false\n")
	}
}
