package browseract_test

import (
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
)

func TestURLsAreRedactedToTheirHost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "",
		"no address: 1://":                   "no address: 1://",
		"https://live.example/session/token": "https://live.example/…",
		"open https://a.example?sig=1 and http://b:8/#x": "open https://a.example/… and http://b:8/…",
		"https://a.example":                     "https://a.example",
		`see "https://a.example/x", then`:       `see "https://a.example/…", then`,
		"http://user:secret@proxy.example:3128": "http://proxy.example:3128",
		"http://user:p@ss@proxy.example/x":      "http://proxy.example/…",
		"wss://a.example/x://secret":            "wss://a.example/…",
	} {
		if got := browseract.RedactURLs(text); got != want {
			t.Errorf("RedactURLs(%q) = %q, want %q", text, got, want)
		}
	}
}
