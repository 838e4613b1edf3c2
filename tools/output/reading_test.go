package output_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

func mustPage(t testing.TB, d *output.Document, r output.PageRequest) output.Page {
	t.Helper()
	page, err := d.Page(r)
	if err != nil {
		t.Fatalf("Page(%+v): %v", r, err)
	}
	return page
}

// checkPage fails if a page breaks a promise: its size, its format, sanitised text, the next offset.
func checkPage(t testing.TB, r output.PageRequest, p output.Page) {
	t.Helper()
	budget := r.MaxTokens
	if budget == 0 {
		budget = output.DefaultMaxTokens
	}
	if tokens := output.Tokens(p.Text); tokens > budget || len(p.Text)*4 > budget*15 {
		t.Errorf("page of %+v is %d bytes and %d tokens, too large", r, len(p.Text), tokens)
	}
	if sanitize.Text(p.Text) != p.Text {
		t.Errorf("page of %+v is not fit to be shown: %.200q", r, p.Text)
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

var cellEscapes = strings.NewReplacer(`\\`, `\`, `\|`, "|", `\<br>`, "<br>", "<br>", "\n")

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
		cells[i] = cellEscapes.Replace(cell)
	}
	return cells
}
