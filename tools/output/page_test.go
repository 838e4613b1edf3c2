package output_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/output"
)

func TestPageShowsRows(t *testing.T) {
	t.Parallel()
	const products = `[{"id":9007199254740993,"name":"A | B","price":1.10},{"id":2,"name":"two\nlines","tags":["x","y"]},{"id":3,"name":null}]`
	for _, fact := range []struct {
		name    string
		text    string
		request output.PageRequest
		want    string
		next    int
	}{
		{"JSON keeps rows as they are", products, output.PageRequest{}, `[{"id":9007199254740993,"name":"A | B","price":1.10},
{"id":2,"name":"two\nlines","tags":["x","y"]},
{"id":3,"name":null}]`, -1},
		{"offset and limit", products, output.PageRequest{Offset: 1, Limit: 1}, `[{"id":2,"name":"two\nlines","tags":["x","y"]}]`, 2},
		{"fields in the order asked", products, output.PageRequest{Fields: []string{"price", "id", "price"}}, `[{"price":1.10,"id":9007199254740993},
{"id":2},
{"id":3}]`, -1},
		{"CSV has the columns of all rows", products, output.PageRequest{Format: output.FormatCSV, Offset: 1}, "id,name,price,tags\n" +
			"2,\"two\nlines\",,\"[\"\"x\"\",\"\"y\"\"]\"\n3,,,", -1},
		{"Markdown keeps cells on their line", products, output.PageRequest{Format: output.FormatMarkdown, Limit: 2, Fields: []string{"name", "id"}}, "| name | id |\n" +
			"| --- | --- |\n| A \\| B | 9007199254740993 |\n| two<br>lines | 2 |", 2},
		{"white space and escapes are normal", "[ { \"a\" : \"\\u00e9\\/\\u003c\" , \"b\" : [ 1 , 2 ] } ]", output.PageRequest{}, `[{"a":"é/<","b":[1,2]}]`, -1},
		{"rows need not be objects", `[1.50,"x",null,{"a":true}]`, output.PageRequest{Format: output.FormatCSV}, "a,value\n,1.50\n,x\n,\ntrue,", -1},
		{"fields of rows that are no objects", `["x",2]`, output.PageRequest{Fields: []string{"value"}}, "[{\"value\":\"x\"},\n{\"value\":2}]", -1},
		{"rows of NDJSON are an array", "{\"a\":1}\n{\"a\":2}", output.PageRequest{}, "[{\"a\":1},\n{\"a\":2}]", -1},
		{"rows under a key", `{"n":2,"items":[{"a":1},{"a":2}]}`, output.PageRequest{Offset: 1}, `[{"a":2}]`, -1},
		{"records of CSV are objects of strings", "a;b\n1;\"x\"\"y\"\n2\n", output.PageRequest{}, "[{\"a\":\"1\",\"b\":\"x\\\"y\"},\n{\"a\":\"2\"}]", -1},
		{"CSV again from CSV", "a;b\r\n1;x,y\r\n\" 2\";\r\n", output.PageRequest{Format: output.FormatCSV}, "a,b\n1,\"x,y\"\n\" 2\",", -1},
		{"one empty cell is no blank line", "[{\"a\":\"\"},{\"a\":1}]", output.PageRequest{Format: output.FormatCSV}, "a\n\"\"\n1", -1},
		{"a literal <br> stays one", `["a<br>b\\"]`, output.PageRequest{Format: output.FormatMarkdown}, "| value |\n| --- |\n| a\\<br>b\\\\ |", -1},
		{"lines of text", "one\r\ntwo\n\nfour", output.PageRequest{Offset: 1, Limit: 2}, "two\n", 3},
		{"no rows", `[]`, output.PageRequest{}, `[]`, -1},
		{"no rows in CSV", `[]`, output.PageRequest{Format: output.FormatCSV, Fields: []string{"a"}}, ``, -1},
		{"nothing", ``, output.PageRequest{}, ``, -1},
		{"the end", `[1,2]`, output.PageRequest{Offset: 2}, `[]`, -1},
		{"raw as it came", "[1,\r\n 2]", output.PageRequest{View: output.ViewRaw, Offset: 1}, "1,\n 2]", -1},
		{"raw from within a character", "aé", output.PageRequest{View: output.ViewRaw, Offset: 2}, "é", -1},
		{"raw from the end of a character", "a🙂", output.PageRequest{View: output.ViewRaw, Offset: 4}, "🙂", -1},
		{"raw from within a line end", "a\r\nb", output.PageRequest{View: output.ViewRaw, Offset: 2}, "\nb", -1},
	} {
		page := mustPage(t, output.Parse(fact.text), fact.request)
		if diff := cmp.Diff(fact.want, page.Text); diff != "" || page.NextOffset != fact.next {
			t.Errorf("%s: NextOffset = %d, want %d; -want +got\n%s", fact.name, page.NextOffset, fact.next, diff)
		}
		checkPage(t, fact.request, page)
	}
}

func TestFieldsAreFoundByShownNameOrExactKey(t *testing.T) {
	t.Parallel()
	d := output.Parse(`[{"first\nname":"x","b":1}]`)
	for _, field := range []string{"first name", "first\nname"} {
		if got := mustPage(t, d, output.PageRequest{Fields: []string{field}}).Text; got != `[{"first name":"x"}]` {
			t.Errorf("fields %q: got %s", field, got)
		}
	}
}

func TestPageWarnsOfRemovedCharacters(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		text    string
		request output.PageRequest
		removed bool
	}{
		{`[{"a":"x\u202ey\u0000"}]`, output.PageRequest{}, true},
		{"[{\"a\":\"x\u202ey\"}]", output.PageRequest{Format: output.FormatMarkdown}, true},
		{"[{\"a\u200b\":1}]", output.PageRequest{}, true},
		{"a,b\n\x1b[31m,2", output.PageRequest{Format: output.FormatCSV}, true},
		{"tags \U000E0041", output.PageRequest{}, true},
		{"tags \U000E0041", output.PageRequest{View: output.ViewRaw}, true},
		{"line\r\nends", output.PageRequest{View: output.ViewRaw}, false},
		{`[{"a":"new\nline \"quoted\" é"}]`, output.PageRequest{}, false},
		{"[1,\"x\u200b\"]", output.PageRequest{Limit: 1}, false},
	} {
		page := mustPage(t, output.Parse(fact.text), fact.request)
		warned := strings.Contains(strings.Join(page.Warnings, " "), "invisible, control or invalid characters")
		if warned != fact.removed {
			t.Errorf("page %+v of %q: warnings %q, want one of removed characters: %t", fact.request, fact.text, page.Warnings, fact.removed)
		}
		checkPage(t, fact.request, page)
	}
}

func TestFormatOfLinesIsText(t *testing.T) {
	t.Parallel()
	page := mustPage(t, output.Parse("# Title\ntext"), output.PageRequest{Format: output.FormatCSV})
	if page.Format != output.FormatText || page.Text != "# Title\ntext" {
		t.Errorf("got %s %q, want the lines as text", page.Format, page.Text)
	}
	if len(page.Warnings) != 1 {
		t.Errorf("Warnings = %q, want one", page.Warnings)
	}
}
