package output_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/output"
)

// oversized are outputs whose one row no page can hold.
func oversized() map[string]string {
	long := strings.Repeat("Der lange Text einer Beschreibung, 漢字 🙂 \\u00e9\\n", 1500)
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

func TestOversizedRowIsTruncatedInItsValues(t *testing.T) {
	t.Parallel()
	for name, text := range oversized() {
		d := output.Parse(text)
		for _, format := range []output.Format{output.FormatJSON, output.FormatCSV, output.FormatMarkdown} {
			for _, budget := range []int{0, 500, 1000} {
				request := output.PageRequest{Format: format, MaxTokens: budget}
				page, err := d.Page(request)
				if err != nil {
					if !strings.HasPrefix(err.Error(), "format ") {
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

func TestTruncationIsVisibleAndNamesTheOffsetOfTheWholeRow(t *testing.T) {
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
	if got := strings.Join(page.Warnings, "\n"); !strings.Contains(got, "view raw from offset 11") {
		t.Errorf("Warnings = %q, want the offset of the row in view raw", got)
	}
	raw := mustPage(t, d, output.PageRequest{View: output.ViewRaw, Offset: 11})
	if !strings.HasPrefix(raw.Text, `{"id":2,`) || raw.NextOffset < 0 {
		t.Errorf("view raw from offset 11 is %.20q, next %d", raw.Text, raw.NextOffset)
	}
}

func TestEveryPageIsWithinItsTokens(t *testing.T) {
	t.Parallel()
	outputs := oversized()
	outputs["JSON"] = jsonRows("  ", 1000)
	outputs["CSV"] = csvRows(1000)
	outputs["Markdown"] = strings.Repeat(markdownPage, 200)
	outputs["XML"] = "<list>\n" + strings.Repeat("<item id=\"1\"><name>x</name></item>\n", 2000) + "</list>"
	outputs["text"] = strings.Repeat(english+"\n", 300)
	rare := strings.Repeat("𪜶<", 60)
	outputs["names of rare characters"] = fmt.Sprintf(`[{"%s":"%s","2%s":"%s"}]`, rare, rare, rare, rare)
	outputs["mostly space"] = strings.Repeat(strings.Repeat(" ", 99)+"x\n", 900)
	for _, s := range foreignSamples() {
		outputs[s.name] = strings.Repeat(s.text+"\n", 200)
	}
	for name, text := range outputs {
		d := output.Parse(text)
		for _, request := range []output.PageRequest{
			{},
			{MaxTokens: 500},
			{Limit: 7},
			{Format: output.FormatCSV},
			{Format: output.FormatMarkdown},
			{View: output.ViewRaw},
			{View: output.ViewProfile},
			{View: output.ViewProfile, MaxTokens: 500},
		} {
			for range sampled(8) {
				page, err := d.Page(request)
				if err != nil {
					if !strings.HasPrefix(err.Error(), "format ") {
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
