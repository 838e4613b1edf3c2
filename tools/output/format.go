package output

import (
	"fmt"
	"strings"
)

// layout writes rows in one format: between open and close, with between among them.
type layout struct {
	format               Format
	open, between, close string
	row                  rowEncoder
	fallback             rowEncoder // writes a row as one value, if it has too many to truncate each
	ignored              bool       // the format that was requested does not apply
	changes              changes    // in open
}

type rowEncoder func(*encoder, *record) string

// record is one row, taken apart once however often it is written.
type record struct {
	*Document
	raw    string
	span   span
	values []value
	fields []field
}

// field is a key of an object, quoted and escaped, and its value.
type field struct {
	key   string
	value value
}

func (d *Document) record(row span) *record {
	return &record{Document: d, raw: d.src[row.start:row.end], span: row}
}

// cells returns the row's values in the order of the columns.
func (r *record) cells() []value {
	if r.values == nil {
		r.values = r.Document.cells(r.span, nil)
	}
	return r.values
}

// members returns the keys and values of a row that is an object of JSON.
func (r *record) members() []field {
	if r.fields == nil {
		for key, text := range members(r.raw) {
			r.fields = append(r.fields, field{key, jsonValue(text)})
		}
	}
	return r.fields
}

func (d *Document) layout(r PageRequest) (layout, error) {
	places, err := d.selectColumns(r.Fields)
	if err != nil {
		return layout{}, err
	}
	s := selection{d, places}
	inColumns := r.Format == FormatCSV || r.Format == FormatMarkdown
	switch {
	case !d.tabular():
		return lineLayout(r.Format), nil
	case inColumns && len(d.columns) == 0 && d.index.rows > 0:
		return layout{}, fmt.Errorf("format %s cannot show rows that are empty objects; use json", r.Format)
	case r.Format == FormatCSV:
		return s.csvLayout(), nil
	case r.Format == FormatMarkdown:
		return s.markdownLayout(), nil
	case len(r.Fields) == 0 && d.kind != CSV:
		return jsonLayout(jsonRow), nil
	}
	return jsonLayout(s.object), nil
}

// lineLayout writes lines as they are, without their ends.
func lineLayout(requested Format) layout {
	line := func(e *encoder, r *record) string {
		return e.text(strings.TrimSuffix(strings.TrimSuffix(r.raw, "\n"), "\r"))
	}
	ignored := requested != "" && requested != FormatJSON
	return layout{format: FormatText, between: "\n", row: line, fallback: line, ignored: ignored}
}

func jsonLayout(row rowEncoder) layout {
	fallback := func(e *encoder, r *record) string { return e.json(textValue(r.raw)) }
	return layout{format: FormatJSON, open: "[", between: ",\n", close: "]", row: row, fallback: fallback}
}

// jsonRow writes a row of JSON as it is, with all its keys in their order.
func jsonRow(e *encoder, r *record) string {
	if len(r.raw) <= e.limit || r.raw[0] != '{' {
		return e.json(jsonValue(r.raw))
	}
	return e.object(r.members())
}

// selection writes some columns of a document.
type selection struct {
	*Document
	places []int
}

// object writes a row as an object without the columns that it lacks.
func (s selection) object(e *encoder, r *record) string {
	fields := make([]field, 0, len(s.places))
	cells := r.cells()
	for _, place := range s.places {
		if v := cells[place]; v.form != formAbsent {
			fields = append(fields, field{quote(s.columns[place].name), v})
		}
	}
	return e.object(fields)
}

// texts returns a text for each column.
func (s selection) texts(text func(place int) string) []string {
	texts := make([]string, len(s.places))
	for i, place := range s.places {
		texts[i] = text(place)
	}
	return texts
}

// header ends each line that stands above the rows. Without columns there is none.
func (s selection) header(lines ...string) string {
	if len(s.places) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

func (s selection) csvLayout() layout {
	row := func(e *encoder, r *record) string {
		cells := r.cells()
		return csvRecord(s.texts(func(place int) string { return e.csvCell(e.cell(cells[place])) }))
	}
	var head encoder
	open := s.header(csvRecord(s.texts(func(place int) string { return head.csvCell(s.columns[place].name) })))
	return layout{format: FormatCSV, open: open, between: "\n", row: row, fallback: row, changes: head.changes}
}

// csvRecord is never a blank line, which readers skip.
func csvRecord(cells []string) string {
	if len(cells) == 1 && cells[0] == "" {
		return `""`
	}
	return strings.Join(cells, ",")
}

// csvCell quotes a cell where readers would not take it as it is.
func (e *encoder) csvCell(text string) string {
	if isFormula(text) {
		e.changes.formulas++
	}
	if !strings.ContainsAny(text, "\",\n") && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

func (s selection) markdownLayout() layout {
	row := func(e *encoder, r *record) string {
		cells := r.cells()
		return markdownRow(s.texts(func(place int) string { return markdownCell(e.cell(cells[place])) }))
	}
	names := s.texts(func(place int) string { return markdownCell(s.columns[place].name) })
	rule := s.texts(func(int) string { return "---" })
	return layout{
		format: FormatMarkdown, open: s.header(markdownRow(names), markdownRow(rule)),
		between: "\n", row: row, fallback: row,
	}
}

func markdownRow(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

// markdownCell keeps a cell on its line and in its column.
func markdownCell(text string) string {
	if !strings.ContainsAny(text, "\\|\n<") {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<br>", `\<br>`, "\n", "<br>").Replace(text)
}
