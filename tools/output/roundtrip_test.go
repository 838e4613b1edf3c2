package output_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// generated is an output together with what another parser reads in it.
type generated struct {
	text string
	kind output.Kind
	rows []any
	// cells are the rows under their header, as CSV and Markdown show them.
	cells [][]string
}

func TestPagesPutTogetherAreTheOutput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // no program runs out of time
		for seed := range uint64(sampled(500)) {
			random := rand.New(rand.NewPCG(seed, 7))
			g := generate(t, random)
			d := output.Parse(g.text)
			if d.Kind() != g.kind {
				t.Fatalf("seed %d: kind %s, want %s: %.500q", seed, d.Kind(), g.kind, g.text)
			}
			request := output.PageRequest{MaxTokens: 6000 + random.IntN(3000), Limit: random.IntN(40)}
			mustEqual(t, seed, "json", g.rows, readRows(t, d, request))
			request.Format = output.FormatCSV
			mustEqual(t, seed, "csv", g.cells, readTable(t, d, request, readCSVPage))
			request.Format = output.FormatMarkdown
			mustEqual(t, seed, "markdown", g.cells, readTable(t, d, request, readMarkdownPage))
			mustEqual(t, seed, "raw", sanitize.Invisible(g.text), readRaw(t, d))
			request.Format = output.FormatJSON
			identity := g.identity(random)
			mustEqual(t, seed, identity, g.rows, readRows(t, mustSelect(t, d, identity), request))
		}
	})
}

// identity is a program that changes no row.
func (g generated) identity(random *rand.Rand) string {
	const rows = `if type == "object" then .items[] else .[] end`
	if len(g.rows) == 1 || random.IntN(2) == 0 { // an array alone gives its elements
		return "[" + rows + "]"
	}
	return rows
}

// mustEqual works out a difference only where there is one: that is slow.
func mustEqual(t testing.TB, seed uint64, what string, want, got any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("seed %d: %s: -want +got\n%s", seed, what, cmp.Diff(want, got))
	}
}

func TestPagesOfLinesPutTogetherAreTheText(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 8))
		lines := make([]string, 1+random.IntN(60))
		for i := range lines {
			lines[i] = strings.NewReplacer("\n", " ", "\r", " ", "\u2028", " ", ",", " ").Replace(anyText(random))
		}
		text := "Begin.\n" + strings.Join(lines, "\n") + "\nEnd."
		request := output.PageRequest{MaxTokens: 6000, Limit: random.IntN(9)}
		var read []string
		for page := range pages(t, output.Parse(text), request) {
			read = append(read, page.Text)
		}
		mustEqual(t, seed, "lines", sanitize.Invisible(text), strings.Join(read, "\n"))
	}
}

// pages yields the pages of a request to the end, each checked.
func pages(t testing.TB, d *output.Document, r output.PageRequest) func(func(output.Page) bool) {
	return func(yield func(output.Page) bool) {
		for r.Offset >= 0 {
			page := mustPage(t, d, r)
			checkPage(t, r, page)
			if t.Failed() || !yield(page) {
				return
			}
			r.Offset = page.NextOffset
		}
	}
}

func readRows(t testing.TB, d *output.Document, r output.PageRequest) []any {
	rows := []any{}
	for page := range pages(t, d, r) {
		rows = append(rows, readJSONPage(t, page.Text)...)
	}
	return rows
}

func readTable(t testing.TB, d *output.Document, r output.PageRequest, read func(testing.TB, string) [][]string) [][]string {
	var table [][]string
	for page := range pages(t, d, r) {
		records := read(t, page.Text)
		if len(table) > 0 && len(records) > 0 {
			if diff := cmp.Diff(table[0], records[0]); diff != "" {
				t.Fatalf("another header on a further page: %s", diff)
			}
			records = records[1:]
		}
		table = append(table, records...)
	}
	return table
}

func readRaw(t testing.TB, d *output.Document) string {
	var b strings.Builder
	for page := range pages(t, d, output.PageRequest{View: output.ViewRaw, MaxTokens: 1500}) {
		b.WriteString(page.Text)
	}
	return b.String()
}

func generate(t testing.TB, random *rand.Rand) generated {
	switch random.IntN(4) {
	case 0:
		return generateCSV(t, random)
	case 1:
		return generateNDJSON(t, random)
	default:
		return generateJSON(t, random)
	}
}

func generateJSON(t testing.TB, random *rand.Rand) generated {
	rows := anyRows(random)
	data, err := json.Marshal(rows)
	if random.IntN(2) == 0 {
		data, err = json.MarshalIndent(rows, "\t", "  ")
	}
	if err != nil {
		t.Fatal(err)
	}
	text := escapeSome(random, string(data))
	if random.IntN(3) == 0 {
		text = "\uFEFF" + text + "\r\n"
	}
	if random.IntN(4) == 0 && len(rows) > 0 {
		text = `{"page": 1, "items": ` + strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF")) + `}`
		if _, isObject := rows[0].(map[string]any); !isObject {
			text = strings.Replace(text, `"page": 1, `, "", 1)
		}
	}
	return readBack(t, text, output.JSON, string(data))
}

func generateNDJSON(t testing.TB, random *rand.Rand) generated {
	var lines []string
	for len(lines) < 2+random.IntN(40) {
		data, err := json.Marshal(anyObject(random))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, escapeSome(random, string(data)))
	}
	text := strings.Join(lines, []string{"\n", "\r\n", "\n\n"}[random.IntN(3)]) + "\n"
	return readBack(t, text, output.NDJSON, "["+strings.Join(lines, ",")+"]")
}

// escapeSome writes some characters of the strings in JSON as escapes.
func escapeSome(random *rand.Rand, text string) string {
	if random.IntN(2) == 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r > 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// readBack parses an array with encoding/json, and cleans what it says.
func readBack(t testing.TB, text string, kind output.Kind, array string) generated {
	g := generated{text: text, kind: kind, rows: []any{}}
	if err := decodeJSON(array, &g.rows); err != nil {
		t.Fatal(err)
	}
	for i, row := range g.rows {
		g.rows[i] = cleaned(row)
	}
	g.cells = cellsOf(t, output.Parse(text).Columns(), g.rows)
	return g
}

func cleaned(v any) any {
	switch v := v.(type) {
	case string:
		return sanitize.Invisible(v)
	case []any:
		for i := range v {
			v[i] = cleaned(v[i])
		}
	case map[string]any:
		for key, value := range v {
			delete(v, key)
			v[sanitize.Invisible(key)] = cleaned(value)
		}
	}
	return v
}

func cellsOf(t testing.TB, columns []string, rows []any) [][]string {
	if len(columns) == 0 {
		return nil
	}
	table := [][]string{columns}
	for _, row := range rows {
		record := make([]string, len(columns))
		object, ok := row.(map[string]any)
		if !ok {
			object = map[string]any{"value": row}
		}
		for i, name := range columns {
			record[i] = cellOf(t, object[name])
		}
		table = append(table, record)
	}
	return table
}

func cellOf(t testing.TB, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func generateCSV(t testing.TB, random *rand.Rand) generated {
	comma := []rune(",;\t|")[random.IntN(4)]
	header := []string{"id", "name", "a note", "price"}[:2+random.IntN(3)]
	var b strings.Builder
	writer := csv.NewWriter(&b)
	writer.Comma = comma
	writer.UseCRLF = random.IntN(2) == 0
	write := func(record []string) {
		if err := writer.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	write(header)
	for n := range 1 + random.IntN(40) {
		record := make([]string, len(header))
		if n > 3 && random.IntN(6) == 0 {
			record = make([]string, 2+random.IntN(len(header)))
		}
		for i := range record {
			record[i] = anyText(random)
		}
		write(record)
	}
	writer.Flush()
	text := b.String()
	if random.IntN(3) == 0 {
		text = "\uFEFF" + text
	}
	return readBackCSV(t, text, comma)
}

// readBackCSV parses with encoding/csv, and cleans what it says.
func readBackCSV(t testing.TB, text string, comma rune) generated {
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
	reader.Comma, reader.FieldsPerRecord = comma, -1
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := records[0]
	for _, record := range records {
		for len(names) < len(record) {
			names = append(names, fmt.Sprintf("column_%d", len(names)+1))
		}
	}
	g := generated{text: text, kind: output.CSV, rows: []any{}, cells: [][]string{names}}
	for _, record := range records[1:] {
		row := map[string]any{}
		cells := make([]string, len(names))
		for i, cell := range record {
			cells[i] = sanitize.Invisible(cell)
			row[names[i]] = cells[i]
		}
		g.rows = append(g.rows, row)
		g.cells = append(g.cells, cells)
	}
	return g
}

func anyRows(random *rand.Rand) []any {
	rows := make([]any, random.IntN(60))
	scalars := random.IntN(5) == 0
	for i := range rows {
		if scalars {
			rows[i] = anyValue(random, 2)
		} else {
			rows[i] = anyObject(random)
		}
	}
	return rows
}

func anyObject(random *rand.Rand) map[string]any {
	object := map[string]any{}
	for _, key := range []string{"id", "name", "price (€)", "a|b", "quote\"d", "漢字", "value"} {
		if random.IntN(5) > 0 {
			object[key] = anyValue(random, 0)
		}
	}
	return object
}

func anyValue(random *rand.Rand, depth int) any {
	kind := random.IntN(10)
	switch {
	case kind == 0:
		return nil
	case kind == 1:
		return random.IntN(2) == 0
	case kind < 4:
		return json.Number([]string{"0", "-0", "1.10", "9007199254740993", "-3.5e+20", "123456789012345678901234567890"}[random.IntN(6)])
	case kind == 4 && depth < 3:
		return []any{anyValue(random, depth+1), anyValue(random, depth+1)}
	case kind == 5 && depth < 3:
		return map[string]any{"k": anyValue(random, depth+1)}
	}
	return anyText(random)
}

// anyText is a cell as pages hold them: mostly short, now and then huge, and
// with every character that a format could stumble over.
func anyText(random *rand.Rand) string {
	n := random.IntN(20)
	if random.IntN(200) == 0 {
		n = 400
	}
	var b strings.Builder
	for range n {
		b.WriteString(fragments[random.IntN(len(fragments))])
	}
	return b.String()
}

var fragments = strings.Split(
	"a b c word 0 12 , ; | ' \" \"\" \\ \\\\ \\| <br> < > & / # - * _ { } [ ] : null true é ü 漢字 한글 🙂 👨‍👩‍👧 \u200b \u202e \ufeff "+
		"\u00a0 \U000E0041 \x00 \x1b \x7f \u0085 \u2028 \n \r\n \t = + @ --- ``` …", " ")
