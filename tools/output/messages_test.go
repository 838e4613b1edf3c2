package output_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/output"
)

var update = flag.Bool("update", false, "write testdata/messages.golden")

// TestMessages compares the errors and warnings of the package, word for word, with
// testdata/messages.golden.
func TestMessages(t *testing.T) {
	t.Parallel()
	const golden = "testdata/messages.golden"
	synctest.Test(t, func(t *testing.T) { // no program runs out of time
		var b strings.Builder
		writeParseWarnings(&b)
		writePageErrors(&b)
		writePageWarnings(t, &b)
		writeCompareMessages(&b)
		writeSelectMessages(t, &b)
		if *update {
			if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("-want +got\n%s\nto accept: go test ./tools/output -run TestMessages -update", diff)
		}
	})
}

func writeMessages(b *strings.Builder, of string, messages []string, err error) {
	if err != nil {
		messages = append(messages, "error: "+err.Error())
	}
	if len(messages) == 0 {
		messages = []string{"none"}
	}
	fmt.Fprintf(b, "%s\n\t%s\n", of, strings.Join(messages, "\n\t"))
}

func writeParseWarnings(b *strings.Builder) {
	for _, text := range []string{
		"[{\"a\":1},\n {\"b\":x}]",
		`[{"a":1},{"b":`,
		`{name: "x"}`,
		"{\"a\":1}\nDone.",
		"{\"a\":1}\n{\"a\":2}\n{\"a\" 3}",
		"[\"tab\there\"]",
		`["\x"]`,
		`["\u12"]`,
		`[1 2]`,
		`{"a":1 "b":2}`,
		`[-]`,
		`{"items":[1]}`,
		`{"n":1,"items":[{"a":1}]}`,
		`[{"a":1},{"b":1}]`,
		"a,b\n1,2\n3\n4,5\n",
		"a,b\n1,x\"y\n3,4\n",
		"a,b\n1,2\n3,\"4\n5,6\n",
		"a,b\n" + strings.Repeat("1,", 1001) + "\n1,2\n3,4\n",
		manyKeys(1001),
		"", "words", "a,b\n1,2", `[{"a":1,"b":2}]`, `[1,2]`, "{\"a\":1}\n{\"b\":2,\"c\":3}", "[note] see below",
	} {
		writeMessages(b, fmt.Sprintf("Parse(%.40q)", text), output.Parse(text).Warnings(), nil)
	}
}

func writePageErrors(b *strings.Builder) {
	const products = `[{"price":1,"title":2,"currency":3}]`
	for _, c := range []struct {
		name, text string
		request    output.PageRequest
	}{
		{"view", products, output.PageRequest{View: "table"}},
		{"format", products, output.PageRequest{Format: "xml"}},
		{"negative offset", products, output.PageRequest{Offset: -1}},
		{"negative limit", products, output.PageRequest{Limit: -1}},
		{"offset in rows", products, output.PageRequest{Offset: 2}},
		{"offset in bytes", products, output.PageRequest{View: output.ViewRaw, Offset: 99}},
		{"offset in columns", products, output.PageRequest{View: output.ViewProfile, Offset: 4}},
		{"offset in lines", "one\ntwo", output.PageRequest{Offset: 3}},
		{"field", products, output.PageRequest{Fields: []string{"cost"}}},
		{"field with a typing error", products, output.PageRequest{View: output.ViewProfile, Fields: []string{"prise"}}},
		{"field of many", manyKeys(50), output.PageRequest{Fields: []string{"cost"}}},
		{"fields in view raw", products, output.PageRequest{View: output.ViewRaw, Fields: []string{"price"}}},
		{"fields of text", "words", output.PageRequest{Fields: []string{"a"}}},
		{"empty objects", `[{},{}]`, output.PageRequest{Format: output.FormatMarkdown}},
		{"long header", manyKeys(900), output.PageRequest{Format: output.FormatCSV}},
	} {
		_, err := output.Parse(c.text).Page(c.request)
		writeMessages(b, "Page: "+c.name, nil, err)
	}
	_, err := output.Parse(products).Locked().Page(output.PageRequest{})
	writeMessages(b, "Page: locked", nil, err)
}

func writePageWarnings(t *testing.T, b *strings.Builder) {
	long := `[{"id":1},` + "\n" + `{"id":2,"text":"` + strings.Repeat("word ", 20_000) + `","n":3}]`
	for _, c := range []struct {
		name, text string
		request    output.PageRequest
	}{
		{"truncated row", long, output.PageRequest{Offset: 1}},
		{"truncated line", strings.Repeat("no end ", 20_000), output.PageRequest{}},
		{"format of lines", "# Title\ntext", output.PageRequest{Format: output.FormatCSV}},
		{"invisible", "a\u200bb\x00", output.PageRequest{}},
		{"active", "![x](https://a.example)", output.PageRequest{View: output.ViewRaw}},
		{"formulas", "name,cell\nx,=1+1\ny,@SUM(A1)\n", output.PageRequest{Format: output.FormatCSV}},
	} {
		writeMessages(b, "Page: "+c.name, mustPage(t, output.Parse(c.text), c.request).Warnings, nil)
	}
}

func writeCompareMessages(b *strings.Builder) {
	for _, c := range []struct{ name, before, after, key string }{
		{"by a key", `[{"id":1}]`, `[{"id":1}]`, "id"},
		{"one row each", `[{"id":1}]`, `[{"id":1}]`, ""},
		{"no key", `[{"p":1.5},{"p":1}]`, `[{"p":1.5},{"p":1}]`, ""},
		{"repeated keys", `[{"id":1},{"id":1},{"id":2}]`, `[{"id":1}]`, "id"},
		{"unknown key", `[{"id":1}]`, `[{"id":1}]`, "sku"},
		{"key of one only", `[{"sku":1}]`, `[{"id":1}]`, "sku"},
		{"text", `words`, `[]`, ""},
		{"XML", `[]`, `<a><b/></a>`, ""},
	} {
		var warnings []string
		comparison, err := output.Compare(output.Parse(c.before), output.Parse(c.after), c.key)
		if err == nil {
			warnings = comparison.Warnings
		}
		writeMessages(b, "Compare: "+c.name, warnings, err)
	}
}

func writeSelectMessages(t *testing.T, b *strings.Builder) {
	for _, c := range []struct{ text, program string }{
		{`[1,2]`, `.[]`},
		{`[1,2]`, `.`},
		{`[1,2]`, `empty`},
		{`[9007199254740993]`, `.[0] + 1`},
		{`[9007199254740993]`, `.[0] + 0.5`},
		{`[0.12345678901234567]`, `.[0]`},
		{`[0.12345678901234567]`, `.[0] * 2`},
		{`[0.5]`, `.[0] * 3`},
		{`[0]`, `infinite`},
		{"[\"x\u200b\"]", `1`},
		{`[{"a":1},`, `length`},
		{`[1]`, `.[`},
		{`[1]`, `.a`},
		{`{"a":{"IGNORE":1}}`, `.a.b.c + "x" + .a`},
		{`words`, `.[0:2][]`},
		{`[1]`, `"x" * 1e10`},
		{`[1]`, `reduce range(60) as $i ("x" * 1e6; [., .])`},
		{`[1]`, `repeat("x" * 1e7)`},
		{`[1]`, `reduce range(2e4) as $i (1; [.])`},
		{`[` + strings.Repeat("1", 1001) + `]`, `.`},
	} {
		var warnings []string
		selected, err := output.Parse(c.text).Select(t.Context(), c.program)
		if err == nil {
			warnings = selected.Warnings()
		}
		writeMessages(b, fmt.Sprintf("Select: %s of %.40q", c.program, c.text), warnings, err)
	}
}
