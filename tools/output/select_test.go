package output_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/output"
)

func mustSelect(t testing.TB, d *output.Document, program string) *output.Document {
	t.Helper()
	selected, err := d.Select(t.Context(), program)
	if err != nil {
		t.Fatalf("Select(%q): %v", program, err)
	}
	return selected
}

func TestSelectGivesRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no program runs out of time
		const products = `[{"name":"Pen","price":1.10,"id":9007199254740993},{"name":"Ink","price":20.00,"id":-0},{"name":"Pad","price":null,"id":1e2}]`
		for _, fact := range []struct{ text, program, want string }{
			{products, `.[]`, `[{"name":"Pen","price":1.10,"id":9007199254740993},` + "\n" + `{"name":"Ink","price":20.00,"id":-0},` + "\n" + `{"name":"Pad","price":null,"id":1e2}]`},
			{products, `.[] | select(.price > 5)`, `[{"name":"Ink","price":20.00,"id":-0}]`},
			{products, `map({id, title: .name}) | .[:1]`, `[{"id":9007199254740993,"title":"Pen"}]`},
			{products, `.[0] + {new: 1, also: 2}`, `[{"new":1,"also":2,"name":"Pen","price":1.10,"id":9007199254740993}]`},
			{products, `.[0].id * 10, .[0].price + 1, (map(.price) | add)`, "[90071992547409930,\n2.1,\n21.1]"},
			{products, `[.[].name]`, "[\"Pen\",\n\"Ink\",\n\"Pad\"]"},
			{products, `length`, `[3]`},
			{products, `.[] | select(.none)`, `[]`},
			{products, `{"b\u0007":"x\u202ey"}`, `[{"b":"xy"}]`},
			{products, `nan, infinite, 1e400, 1e300, 0.1`, "[null,\nnull,\nnull,\n1e+300,\n0.1]"},
			{`{"total":2,"items":[{"a":1},{"a":2}]}`, `.total, .items[].a`, "[2,\n1,\n2]"},
			{"{\"a\":1}\n{\"a\":2}", `map(.a) | add`, `[3]`},
			{"name;price\nPen;1,50\nInk\n", `.[] | {price: (.price // "?"), name}`, "[{\"price\":\"1,50\",\"name\":\"Pen\"},\n{\"price\":\"?\",\"name\":\"Ink\"}]"},
			{"a,b\n1,2\n", `.[0]`, `[{"a":"1","b":"2"}]`},
			{"one\ntwo words\n", `split("\n")[] | select(test("w"))`, "[\"two words\"]"},
			{"<a><b>1</b></a>", `capture("<b>(?<b>.*)</b>")`, `[{"b":"1"}]`},
			{`"[1,2]"`, `fromjson | add`, `[3]`},
			{``, `.`, `[null]`},
			{"[{\"na\u200bme\":\"P\u200ben\"}]", `.[] | select(.name == "Pen")`, `[{"name":"Pen"}]`},
			{`[["x"]]`, `.[]`, `["x"]`},
		} {
			page := mustPage(t, mustSelect(t, output.Parse(fact.text), fact.program), output.PageRequest{})
			checkPage(t, output.PageRequest{}, page)
			if diff := cmp.Diff(fact.want, page.Text); diff != "" {
				t.Errorf("%s: -want +got\n%s", fact.program, diff)
			}
		}
	})
}

func TestSelectEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := output.Parse(`[1]`).Select(ctx, `def f: f; f`); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestDeepOutputsCanBeSelected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no program runs out of time
		deep := strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999)
		if n, _ := mustSelect(t, output.Parse(deep), `.`).Rows(); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

func FuzzSelect(f *testing.F) {
	for i, seed := range parseSeeds() {
		f.Add(seed, []string{`.`, `.[]?`, `.. | scalars`, `tojson`, `[paths]`, `length`, `if type == "array" then map(.a?) else . end`}[i%7])
	}
	f.Fuzz(func(t *testing.T, text, program string) {
		ctx, cancel := context.WithTimeout(t.Context(), 1e9)
		defer cancel()
		selected, err := output.Parse(text).Select(ctx, program)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "select: ") {
				t.Errorf("Select: %v", err)
			}
			return
		}
		if selected.Kind() != output.JSON {
			t.Errorf("results are %s", selected.Kind())
		}
		for _, format := range []output.Format{output.FormatJSON, output.FormatCSV, output.FormatMarkdown} {
			request := output.PageRequest{Format: format}
			if page, err := selected.Page(request); err == nil {
				checkPage(t, request, page)
			}
		}
	})
}
