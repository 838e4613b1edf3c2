package output

import (
	"fmt"
	"strings"
)

// layout writes rows in one format. The rows of a page stand between open and
// close, with between among them.
type layout struct {
	format               Format
	open, between, close string
	row                  func(*pen, *record) string
	// scrap writes a row as one value, for rows that have too many to be cut one by one.
	scrap   func(*pen, *record) string
	ignored bool    // a format was asked for that does not apply
	changes changes // in open
}

func (d *Document) layout(r PageRequest) (layout, error) {
	places, err := d.selectColumns(r.Fields)
	if err != nil {
		return layout{}, err
	}
	c := chosen{d, places}
	inColumns := r.Format == FormatCSV || r.Format == FormatMarkdown
	switch {
	case !d.tabular():
		return lineLayout(r.Format), nil
	case inColumns && len(d.columns) == 0 && d.index.rows > 0:
		return layout{}, fmt.Errorf("format: the rows of this output are empty objects, which %s cannot show; use json", r.Format)
	case r.Format == FormatCSV:
		return c.csvLayout(), nil
	case r.Format == FormatMarkdown:
		return c.markdownLayout(), nil
	case len(r.Fields) == 0 && d.kind != CSV:
		return jsonLayout(jsonRow), nil
	}
	return jsonLayout(c.object), nil
}

// lineLayout writes lines as they are.
func lineLayout(asked Format) layout {
	line := func(p *pen, r *record) string { return p.plain(r.line()) }
	ignored := asked != "" && asked != FormatJSON
	return layout{format: FormatText, between: "\n", row: line, scrap: line, ignored: ignored}
}

func jsonLayout(row func(*pen, *record) string) layout {
	scrap := func(p *pen, r *record) string { return p.json(textValue(r.raw)) }
	return layout{format: FormatJSON, open: "[", between: ",\n", close: "]", row: row, scrap: scrap}
}

// jsonRow writes a row of JSON as it is, with all its keys in their order.
func jsonRow(p *pen, r *record) string {
	if len(r.raw) <= p.limit || r.raw[0] != '{' {
		return p.json(jsonValue(r.raw))
	}
	return p.object(r.members())
}

// chosen writes the columns of a document that were asked for.
type chosen struct {
	*Document
	places []int
}

// object writes a row as an object without the columns that it lacks.
func (c chosen) object(p *pen, r *record) string {
	fields := make([]field, 0, len(c.places))
	cells := r.cells()
	for _, place := range c.places {
		if v := cells[place]; v.form != formAbsent {
			fields = append(fields, field{quote(c.columns[place].name), v})
		}
	}
	return p.object(fields)
}

func (c chosen) names(write func(string) string) []string {
	names := make([]string, len(c.places))
	for i, place := range c.places {
		names[i] = write(c.columns[place].name)
	}
	return names
}

// values writes the cells of a row that were asked for.
func (c chosen) values(p *pen, r *record, write func(string) string) []string {
	cells := r.cells()
	texts := make([]string, len(c.places))
	for i, place := range c.places {
		texts[i] = write(p.cell(cells[place]))
	}
	return texts
}

// header ends each line that stands above the rows. Without columns there are none.
func (c chosen) header(lines ...string) string {
	if len(c.places) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

func (c chosen) csvLayout() layout {
	row := func(p *pen, r *record) string { return csvRecord(c.values(p, r, p.csvCell)) }
	var head pen
	open := c.header(csvRecord(c.names(head.csvCell)))
	return layout{format: FormatCSV, open: open, between: "\n", row: row, scrap: row, changes: head.changes}
}

// csvRecord is never a blank line, which readers skip.
func csvRecord(cells []string) string {
	if len(cells) == 1 && cells[0] == "" {
		return `""`
	}
	return strings.Join(cells, ",")
}

func (p *pen) csvCell(text string) string {
	if isFormula(text) {
		p.changes.formulas++
	}
	return csvCell(text)
}

// csvCell quotes a cell where readers would not take it as it is.
func csvCell(text string) string {
	if !strings.ContainsAny(text, "\",\n") && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

func (c chosen) markdownLayout() layout {
	row := func(p *pen, r *record) string { return markdownRow(c.values(p, r, markdownCell)) }
	rule := c.names(func(string) string { return "---" })
	return layout{
		format: FormatMarkdown, open: c.header(markdownRow(c.names(markdownCell)), markdownRow(rule)),
		between: "\n", row: row, scrap: row,
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
