package output_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/output"
)

func mustPage(t testing.TB, d *output.Document, r output.PageRequest) output.Page {
	t.Helper()
	page, err := d.Page(r)
	if err != nil {
		t.Fatalf("Page(%+v): %v", r, err)
	}
	return page
}

// checkPage fails where a page breaks its promises: budget, validity, clean text, an offset to go on from.
func checkPage(t testing.TB, r output.PageRequest, p output.Page) {
	t.Helper()
	budget := r.Budget
	if budget == 0 {
		budget = output.DefaultBudget
	}
	if tokens := output.Tokens(p.Text); tokens > budget || len(p.Text)*4 > budget*15 {
		t.Errorf("page of %+v is %d bytes and %d tokens, over the budget", r, len(p.Text), tokens)
	}
	if output.Clean(p.Text) != p.Text {
		t.Errorf("page of %+v is not clean: %.200q", r, p.Text)
	}
	if p.NextOffset != -1 && p.NextOffset != p.Offset+p.Returned || p.NextOffset == p.Offset {
		t.Errorf("page of %+v at %d returned %d, NextOffset = %d", r, p.Offset, p.Returned, p.NextOffset)
	}
	if r.Limit > 0 && p.View != output.ViewRaw && p.Returned > r.Limit {
		t.Errorf("page of %+v returned %d", r, p.Returned)
	}
	if rows := rowsOnPage(t, p); rows >= 0 && rows != p.Returned {
		t.Errorf("page of %+v holds %d rows, Returned = %d: %.200q", r, rows, p.Returned, p.Text)
	}
}

// rowsOnPage reads a page as its format has it, and counts the rows; -1 for text.
func rowsOnPage(t testing.TB, p output.Page) int {
	t.Helper()
	switch {
	case p.View == output.ViewProfile:
		var profile output.Profile
		if err := json.Unmarshal([]byte(p.Text), &profile); err != nil {
			t.Errorf("profile is no JSON: %v: %.200q", err, p.Text)
		}
		return len(profile.Columns)
	case p.Format == output.FormatJSON:
		return len(readJSONPage(t, p.Text))
	case p.Format == output.FormatCSV:
		return max(0, len(readCSVPage(t, p.Text))-1)
	case p.Format == output.FormatMarkdown:
		return max(0, len(readMarkdownPage(t, p.Text))-1)
	}
	return -1
}

func readJSONPage(t testing.TB, text string) []any {
	t.Helper()
	var rows []any
	if err := decodeJSON(text, &rows); err != nil || rows == nil {
		t.Errorf("page is no JSON array: %v: %.200q", err, text)
	}
	return rows
}

// decodeJSON keeps numbers as they are written.
func decodeJSON(text string, into any) error {
	if !json.Valid([]byte(text)) {
		return fmt.Errorf("not one JSON value")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

func readCSVPage(t testing.TB, text string) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Errorf("page is no CSV: %v: %.200q", err, text)
	}
	return records
}

var cellEscape = regexp.MustCompile(`\\[\\|]|\\<br>|<br>`)

// readMarkdownPage returns the header and the rows of a table, without the rule between.
func readMarkdownPage(t testing.TB, text string) [][]string {
	t.Helper()
	var records [][]string
	if text == "" {
		return nil
	}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		cells := markdownCells(line)
		if n == 1 {
			if strings.Trim(line, "| -") != "" {
				t.Errorf("no rule under the header: %q", line)
			}
			continue
		}
		records = append(records, cells)
		if len(cells) != len(records[0]) {
			t.Errorf("%d cells under a header of %d: %q", len(cells), len(records[0]), line)
		}
	}
	return records
}

func markdownCells(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |")
	var cells []string
	from := 0
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case strings.HasPrefix(line[i:], " | "):
			cells = append(cells, line[from:i])
			from = i + 3
			i += 2
		}
	}
	cells = append(cells, line[from:])
	for i, cell := range cells {
		cells[i] = cellEscape.ReplaceAllStringFunc(cell, func(escape string) string {
			if escape == "<br>" {
				return "\n"
			}
			return escape[1:]
		})
	}
	return cells
}

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
	} {
		page := mustPage(t, output.Parse(fact.text), fact.request)
		if diff := cmp.Diff(fact.want, page.Text); diff != "" || page.NextOffset != fact.next {
			t.Errorf("%s: NextOffset = %d, want %d; -want +got\n%s", fact.name, page.NextOffset, fact.next, diff)
		}
		checkPage(t, fact.request, page)
	}
}

func TestPageErrorsNameTheArgument(t *testing.T) {
	t.Parallel()
	const products = `[{"price":1,"title":2,"currency":3}]`
	for _, fact := range []struct {
		text    string
		request output.PageRequest
		want    string
	}{
		{products, output.PageRequest{View: "table"}, `view: "table" is none; use profile, rows or raw`},
		{products, output.PageRequest{Format: "xml"}, `format: "xml" is none; use json, csv or markdown`},
		{products, output.PageRequest{Offset: -1}, `offset: -1 is negative; use 0 or more`},
		{products, output.PageRequest{Limit: -1}, `limit: -1 is negative; use 0 or more`},
		{products, output.PageRequest{Offset: 2}, `offset: 2 is past the end; this output has 1 rows, so use 0 to 1`},
		{products, output.PageRequest{View: output.ViewRaw, Offset: 99}, `offset: 99 is past the end; this output has 36 bytes, so use 0 to 36`},
		{products, output.PageRequest{View: output.ViewProfile, Offset: 4}, `offset: 4 is past the end; this output has 3 columns, so use 0 to 3`},
		{"one\ntwo", output.PageRequest{Offset: 3}, `offset: 3 is past the end; this output has 2 lines, so use 0 to 2`},
		{products, output.PageRequest{Fields: []string{"Titel"}}, `fields: there is no column "Titel"; the nearest is "title". The columns are: "price", "title", "currency"`},
		{products, output.PageRequest{View: output.ViewProfile, Fields: []string{"prise"}}, `fields: there is no column "prise"; the nearest is "price". The columns are: "price", "title", "currency"`},
		{products, output.PageRequest{View: output.ViewRaw, Fields: []string{"price"}}, `fields: view raw shows all there is; leave fields out, or use view rows`},
		{"words", output.PageRequest{Fields: []string{"a"}}, `fields: this output is text and has no columns; leave fields out`},
		{manyKeys(900), output.PageRequest{Format: output.FormatCSV}, `format: the names of 901 columns leave no room for rows in csv; name fewer columns in fields, or use format json`},
	} {
		_, err := output.Parse(fact.text).Page(fact.request)
		if err == nil || err.Error() != fact.want {
			t.Errorf("Page(%+v) of %.40q:\n got %v\nwant %s", fact.request, fact.text, err, fact.want)
		}
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

func TestPageTellsOfRemovedCharacters(t *testing.T) {
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
		told := strings.Contains(strings.Join(page.Warnings, " "), "invisible, control or invalid characters")
		if told != fact.removed {
			t.Errorf("page %+v of %q: warnings %q, want them to tell: %t", fact.request, fact.text, page.Warnings, fact.removed)
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
	want := []string{"This output is markdown: it comes as lines, whatever the format."}
	if diff := cmp.Diff(want, page.Warnings); diff != "" {
		t.Errorf("Warnings: -want +got\n%s", diff)
	}
}

// oversized are outputs whose one row no page can hold.
func oversized() map[string]string {
	long := strings.Repeat("Der lange Text einer Beschreibung, 漢字 🙂 \\u00e9\\n", 4000)
	wide := make([]string, 5000)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"key number %d":"value %d"`, i, i)
	}
	return map[string]string{
		"a long string in an object": `[{"id":1,"text":"` + long + `"}]`,
		"many long strings":          `[{"a":"` + long + `","b":"` + long + `","c":"` + long + `","d":7}]`,
		"a long array in an object":  `[{"id":1,"list":[` + strings.Repeat("12345,", 20_000) + `0]}]`,
		"a long array":               `[[` + strings.Repeat("12345,", 20_000) + `0],5]`,
		"a long string":              `["` + long + `"]`,
		"a long number":              `[` + strings.Repeat("1", 100_000) + `]`,
		"a long key":                 `[{"` + long + `":1}]`,
		"many keys":                  `[{` + strings.Join(wide, ",") + `}]`,
		"an object of two arrays":    `{"a":[` + strings.Repeat("1,", 50_000) + `1],"b":[` + strings.Repeat("1,", 50_000) + `1]}`,
		"deep nesting":               `[` + strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000) + `]`,
		"only escapes":               `["` + strings.Repeat(`\ud83d\ude42\\`, 20_000) + `"]`,
		"CSV with a long cell":       "id,text\n1,\"" + strings.Repeat("two\nlines, \"\"quoted\"\" ", 4000) + "\"\n2,x\n",
		"CSV with many cells":        "a,b\n" + strings.Repeat("x,", 5000) + "\n1,2\n3,4\n",
		"a quote that never closes":  "a,b\n1,2\n3,\"" + strings.Repeat("4,5\n", 10_000),
		"a long line":                strings.Repeat("no end ", 20_000),
		"long broken JSON":           `[{"a":` + strings.Repeat(`"x",`, 20_000),
		"invisible":                  `["` + strings.Repeat("\u200b", 40_000) + `x"]`,
		"bytes that are no text":     strings.Repeat("\xff", 60_000),
	}
}

func TestOversizedRowIsCutInItsValues(t *testing.T) {
	t.Parallel()
	for name, text := range oversized() {
		d := output.Parse(text)
		for _, format := range []output.Format{output.FormatJSON, output.FormatCSV, output.FormatMarkdown} {
			for _, budget := range []int{0, 200, 1000} {
				request := output.PageRequest{Format: format, Budget: budget}
				page, err := d.Page(request)
				if err != nil {
					if !strings.HasPrefix(err.Error(), "format: ") {
						t.Errorf("%s: %v", name, err)
					}
					continue
				}
				checkPage(t, request, page)
				if page.Returned == 0 {
					t.Errorf("%s in %s: no row returned", name, format)
				}
			}
		}
	}
}

func TestCutIsVisibleAndSaysWhereTheWholeIs(t *testing.T) {
	t.Parallel()
	d := output.Parse(`[{"id":1},` + "\n" + `{"id":2,"text":"` + strings.Repeat("word ", 20_000) + `","n":3}]`)
	page := mustPage(t, d, output.PageRequest{Offset: 1})
	var rows []map[string]any
	if err := json.Unmarshal([]byte(page.Text), &rows); err != nil {
		t.Fatal(err)
	}
	text := rows[0]["text"].(string)
	kept, mark, _ := strings.Cut(text, "…[cut, ")
	var left int
	if _, err := fmt.Sscanf(mark, "%d bytes]", &left); err != nil || len(kept)+left != 100_000 {
		t.Errorf("%d bytes kept and mark %q, want the two to make 100000", len(kept), mark)
	}
	if rows[0]["id"] != 2.0 || rows[0]["n"] != 3.0 {
		t.Errorf("short values changed: %v", rows[0])
	}
	want := "The row at offset 1 is too large for a page, so 1 of its values are cut. Ask for fewer fields, or read it whole in view raw from offset 11."
	if got := strings.Join(page.Warnings, "\n"); got != want {
		t.Errorf("Warnings = %q, want %q", got, want)
	}
	raw := mustPage(t, d, output.PageRequest{View: output.ViewRaw, Offset: 11})
	if !strings.HasPrefix(raw.Text, `{"id":2,`) || raw.NextOffset < 0 {
		t.Errorf("view raw from offset 11 is %.20q, next %d", raw.Text, raw.NextOffset)
	}
}

func TestEveryPageKeepsItsBudget(t *testing.T) {
	t.Parallel()
	outputs := oversized()
	outputs["JSON"] = jsonRows("  ", 1000)
	outputs["CSV"] = csvRows(1000)
	outputs["Markdown"] = strings.Repeat(markdownPage, 200)
	outputs["XML"] = "<list>\n" + strings.Repeat("<item id=\"1\"><name>x</name></item>\n", 2000) + "</list>"
	outputs["text"] = strings.Repeat(english+"\n", 300)
	for _, s := range foreignSamples() {
		outputs[s.name] = strings.Repeat(s.text+"\n", 200)
	}
	for name, text := range outputs {
		d := output.Parse(text)
		for _, request := range []output.PageRequest{
			{}, {Budget: 300}, {Limit: 7}, {Format: output.FormatCSV}, {Format: output.FormatMarkdown},
			{View: output.ViewRaw}, {View: output.ViewProfile}, {View: output.ViewProfile, Budget: 300},
		} {
			for pages := 0; pages < 20; pages++ {
				page, err := d.Page(request)
				if err != nil {
					if !strings.HasPrefix(err.Error(), "format: ") {
						t.Errorf("%s: %v", name, err)
					}
					break
				}
				checkPage(t, request, page)
				if page.NextOffset < 0 {
					break
				}
				request.Offset = page.NextOffset
			}
		}
	}
}

func TestPreviewIsShortAndValid(t *testing.T) {
	t.Parallel()
	outputs := oversized()
	outputs["JSON"] = jsonRows("  ", 20)
	outputs["CSV"] = csvRows(20)
	outputs["text"] = english + "\n" + english
	for name, text := range outputs {
		d := output.Parse(text)
		for limit := 0; limit < 1500; limit += 1 + limit/20 {
			preview := d.Preview(limit)
			if len(preview) > limit || !utf8.ValidString(preview) || output.Clean(preview) != preview {
				t.Fatalf("%s: Preview(%d) is %d bytes: %q", name, limit, len(preview), preview)
			}
			if _, ok := d.Rows(); ok && d.Kind() != output.CSV && limit > 64 && !json.Valid([]byte(preview)) {
				t.Fatalf("%s: Preview(%d) is no JSON: %q", name, limit, preview)
			}
		}
	}
}

func TestPreviewShowsTheFirstRows(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		text  string
		limit int
		want  string
	}{
		{`[{"a":1},{"a":2}]`, 100, "[{\"a\":1},\n{\"a\":2}]"},
		{`[{"a":1},{"a":2}]`, 15, `[{"a":1}]`},
		{"a,b\n1,2\n3,4\n", 100, "a,b\n1,2\n3,4"},
		{"a,b\n1,2\n3,4\n", 6, "a,b…"},
		{"one\ntwo\nthree\n", 100, "one\ntwo\nthree"},
		{"one\ntwo\nthree\n", 12, "one\ntwo\n…"},
		{`{"a": 1`, 100, `{"a": 1`},
		{"\u202ehidden\u202c", 100, "hidden"},
		{"", 100, ""},
		{"text", 0, ""},
	} {
		if got := output.Parse(fact.text).Preview(fact.limit); got != fact.want {
			t.Errorf("Parse(%q).Preview(%d) = %q, want %q", fact.text, fact.limit, got, fact.want)
		}
	}
}
