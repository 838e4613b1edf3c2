package output_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/output"
)

func FuzzParse(f *testing.F) {
	for _, seed := range parseSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := output.Parse(text)
		checkKind(t, d, text)
		n, _ := d.Rows()
		profile := d.Profile()
		if profile.Rows != n || profile.Bytes != len(text) || len(profile.Columns) != len(d.Columns()) {
			t.Errorf("profile %+v of %d rows, %d bytes, columns %q", profile, n, len(text), d.Columns())
		}
		for _, limit := range []int{10, 100, 1000} {
			if preview := d.Preview(limit); len(preview) > limit {
				t.Errorf("Preview(%d) is %d bytes", limit, len(preview))
			}
		}
	})
}

// checkKind compares what is taken for JSON and CSV with what the standard library takes.
func checkKind(t *testing.T, d *output.Document, text string) {
	body := strings.Trim(strings.TrimPrefix(text, "\uFEFF"), " \t\r\n")
	valid := json.Valid([]byte(body)) && strings.ContainsAny(body[:1], `[{"`)
	if got := d.Kind() == output.JSON; got != valid {
		t.Errorf("kind %s, but encoding/json says valid = %t", d.Kind(), valid)
	}
	if d.Kind() != output.CSV {
		return
	}
	for _, comma := range ",;\t|" {
		if records := lazyRecords(text, comma); records == totalRows(t, d)+1 {
			return
		}
	}
	t.Errorf("%d records, but encoding/csv reads as many with no separator", totalRows(t, d))
}

func totalRows(t *testing.T, d *output.Document) int {
	n, ok := d.Rows()
	if !ok {
		t.Errorf("kind %s has no rows", d.Kind())
	}
	return n
}

func lazyRecords(text string, comma rune) int {
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = comma, -1, true
	records, _ := reader.ReadAll()
	return len(records)
}

func parseSeeds() []string {
	return []string{
		"", "words\nand lines", `[{"a":1,"b":"x"},{"a":null}]`, `{"items":[{"a":1},{"a":2}]}`, "{\"a\":1}\n{\"b\":[1,{}]}",
		`[1.5e3,"\ud83d\ude42\u0000",true,[[]]]`, "a,b\n1,\"x\"\"y\n\"\n2\n", "\uFEFFa;b\r\n1;2\r\n", "<a>\n<b/>\n</a>", "# Title\n- x",
		`{a: 1}`, `[{"a":`, strings.Repeat("[", 300), "a,b\n1,\"2", "\"a\",\"b\"\n\"c\"d,e\n", "\xff\xfe{}\u202e",
	}
}

func FuzzPage(f *testing.F) {
	for i, seed := range parseSeeds() {
		f.Add(seed, byte(i), 0, i%4, 200*i)
	}
	f.Fuzz(func(t *testing.T, text string, mode byte, offset, limit, budget int) {
		request := output.PageRequest{
			View:   []output.View{output.ViewRows, output.ViewRaw, output.ViewProfile, ""}[mode&3],
			Format: []output.Format{output.FormatJSON, output.FormatCSV, output.FormatMarkdown, ""}[mode>>2&3],
			Offset: offset, Limit: limit, MaxTokens: 500 + budget&0x1fff,
		}
		d := output.Parse(text)
		if columns := d.Columns(); mode&0x10 != 0 && len(columns) > 0 && request.View != output.ViewRaw {
			request.Fields = []string{columns[len(columns)-1], columns[0]}
		}
		for range 50 {
			page, err := d.Page(request)
			if err != nil {
				return
			}
			checkPage(t, request, page)
			if page.NextOffset < 0 {
				return
			}
			request.Offset = page.NextOffset
		}
	})
}
