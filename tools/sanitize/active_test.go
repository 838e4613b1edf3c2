package sanitize_test

import (
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

func TestMarkupThatLoadsOrHidesItsTargetIsMadeInert(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct{ in, want string }{
		{"![x](https://evil.example/?q=1)", "! [x] (https://evil.example/?q=1)"},
		{"![a\nb][ref]\n\n[ref]: https://evil.example", "! [a\nb][ref]\n\n[ref]: https://evil.example"},
		{`<a href="https://evil.example">the bank</a>`, `< a href="https://evil.example">the bank</a>`},
		{"<form action=//evil.example><button formaction=x>", "< form action=//evil.example>< button formaction=x>"},
		{"![ref]", "! [ref]"},
		{"[![badge](https://a.example/i.png)](https://b.example)", "[! [badge] (https://a.example/i.png)] (https://b.example)"},
		{`![a\]b](<https://evil.example/a b> "t")`, `! [a\]b] (<https://evil.example/a b> "t")`},
		{"!\u200b[x]\u200b(https://evil.example)", "! [x] (https://evil.example)"},
		{"[text](https://a.example)", "[text] (https://a.example)"},
		{`<img src="https://evil.example">`, `< img src="https://evil.example">`},
		{"<IMG\nSRC=//evil.example>", "< IMG\nSRC=//evil.example>"},
		{"<img/src=x>", "< img/src=x>"},
		{"<svg onload=x><use href=y></svg>", "< svg onload=x>< use href=y></svg>"},
		{`<a style="background:url(//evil.example)">`, `<a style="background:url (//evil.example)">`},
		{"<style>@import 'https://evil.example'</style>", "< style>@import 'https://evil.example'</style>"},
		{"<script>x</script>", "< script>x</script>"},
		{"<video poster=x><input type=image src=y>", "< video poster=x>< input type=image src=y>"},

		{"https://shop.example/a?b=[1]", "https://shop.example/a?b=[1]"},
		{"<https://shop.example>", "<https://shop.example>"},
		{"see [1] and (2), [ ] (3)", "see [1] and (2), [ ] (3)"},
		{"<b>bold</b> <imgs> <image> a<b", "<b>bold</b> <imgs> <image> a<b"},
		{"curl(x) {\"a\":[1],\"b\":[{}]}", "curl(x) {\"a\":[1],\"b\":[{}]}"},
		{"wow! [sic]", "wow! [sic]"},
		{"x <a and y", "x <a and y"},
		{"http://[::1]:80/ at a[1]: {\"b\":[[1],[2]]}", "http://[::1]:80/ at a[1]: {\"b\":[[1],[2]]}"},
	} {
		got := sanitize.Text(fact.in)
		if got != fact.want {
			t.Errorf("Text(%q) = %q, want %q", fact.in, got, fact.want)
		}
		if again := sanitize.Text(got); again != got {
			t.Errorf("Text(Text(%q)) = %q, want %q", fact.in, again, got)
		}
	}
}

func TestFencedLinksByReferenceLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct{ in, want string }{
		{"[the bank][1]\n\n[1]: https://evil.example", "[the bank][1]\n\n[1] : https://evil.example"},
		{" > 1. - [a, \"b\"]:https://evil.example", " > 1. - [a, \"b\"] :https://evil.example"},
		{"[a\nb\\[]: //evil.example", "[a\nb\\[] : //evil.example"},
		{"http://[::1]:80/ at a[1]: x", "http://[::1]:80/ at a[1]: x"},
		{`[{"at":"[10:00]: noon"},` + "\n" + `{"b":[[1],[2]]}]`, `[{"at":"[10:00]: noon"},` + "\n" + `{"b":[[1],[2]]}]`},
	} {
		if got := sanitize.FenceWith(fact.in, "7f3a9c"); !strings.Contains(got, ">>>\n"+fact.want+"\n<<<") {
			t.Errorf("Fence(%q) = %q, want %q", fact.in, got, fact.want)
		}
	}
}
