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

func TestSelectTellsWhatItDid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no program runs out of time
		const inexact = "Numbers were calculated as 64-bit floats, which keep 15 digits: large or long ones may be inexact."
		for _, fact := range []struct{ text, program, want string }{
			{`[1,2]`, `.[]`, ``},
			{`[1,2]`, `.`, `The program gave one array; its elements are the rows.`},
			{`[1,2]`, `empty`, `The program gave no results.`},
			{`[9007199254740993]`, `.[0] + 1`, ``},
			{`[9007199254740993]`, `.[0] + 0.5`, inexact},
			{`[0.12345678901234567]`, `.[0]`, ``},
			{`[0.12345678901234567]`, `.[0] * 2`, inexact},
			{`[0.5]`, `.[0] * 3`, ``},
			{`[0]`, `infinite`, `Results that are no finite number became null.`},
			{"[\"x\u200b\"]", `1`, `1 invisible, control or invalid characters were removed from or replaced in the output before the selection.`},
			{`[{"a":1},`, `length`, `The output looks like JSON but is not valid: it ends too early at byte 9 (line 1, column 10). It is shown unrepaired, as lines of text.`},
		} {
			got := strings.Join(mustSelect(t, output.Parse(fact.text), fact.program).Warnings(), "\n")
			if got != fact.want {
				t.Errorf("%s of %s: Warnings = %q, want %q", fact.program, fact.text, got, fact.want)
			}
		}
	})
}

func TestSelectErrorsNameTheArgument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no program runs out of time
		const advice = "Look at the values first with view profile, or pass over odd ones with ? and //"
		for _, fact := range []struct{ text, program, want string }{
			{`[1]`, `.[`, `select: this is not valid jq: unexpected EOF at character 3`},
			{`[1]`, `.a`, `select: the program failed on the output: expected an object but got: array. ` + advice + `. Its input is an array of 1`},
			{`{"a":{"IGNORE":1}}`, `.a.b.c + "x" + .a`, `select: the program failed on the output: cannot add: string. ` + advice + `. Its input is an object with 1 keys`},
			{`words`, `.[0:2][]`, `select: the program failed on the output: cannot iterate over: string. ` + advice + `. Its input is one text`},
			{`[1]`, `"x" * 1e10`, `select: the program makes a value, or compares values, too large for one step, and was stopped. Take the values apart, or select fewer rows first. Its input is an array of 1`},
			{`[1]`, `reduce range(60) as $i ("x" * 1e6; [., .])`, `select: the program gave results of more than 32 MB; select less, or use limit. Its input is an array of 1`},
			{`[1]`, `repeat("x" * 1e7)`, `select: the program gave results of more than 32 MB; select less, or use limit. Its input is an array of 1`},
			{`[1]`, `reduce range(2e4) as $i (1; [.])`, `select: the program gave a value that nests deeper than outputs can; flatten it. Its input is an array of 1`},
			{`[` + strings.Repeat("1", 1001) + `]`, `.`, `select: the output has a number of 1001 digits, which programs do not take; use view rows or raw`},
		} {
			_, err := output.Parse(fact.text).Select(t.Context(), fact.program)
			if err == nil || err.Error() != fact.want {
				t.Errorf("%s:\n got %v\nwant %s", fact.program, err, fact.want)
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
