package output

import (
	"strings"
)

// layout writes rows in one format. The rows of a page stand between open and
// close, with between among them.
type layout struct {
	format               Format
	open, between, close string
	row                  func(*pen, span) string
	// scrap writes a row as one value, for rows that have too many to be cut one by one.
	scrap   func(*pen, span) string
	ignored bool // a format was asked for that does not apply
}

func (d *Document) layout(r PageRequest) (layout, error) {
	places, err := d.selectColumns(r.Fields)
	if err != nil {
		return layout{}, err
	}
	c := chosen{d, places}
	switch {
	case !d.tabular():
		return d.lineLayout(r.Format), nil
	case r.Format == FormatCSV:
		return c.csvLayout(), nil
	case r.Format == FormatMarkdown:
		return c.markdownLayout(), nil
	case len(r.Fields) == 0 && d.kind != CSV:
		return d.jsonLayout(d.jsonRow), nil
	}
	return d.jsonLayout(c.object), nil
}

// lineLayout writes lines as they are.
func (d *Document) lineLayout(asked Format) layout {
	line := func(p *pen, row span) string { return p.plain(d.lineText(row)) }
	return layout{format: FormatText, between: "\n", row: line, scrap: line, ignored: asked != "" && asked != FormatJSON}
}

func (d *Document) jsonLayout(row func(*pen, span) string) layout {
	scrap := func(p *pen, row span) string { return p.json(textValue(d.src[row.start:row.end])) }
	return layout{format: FormatJSON, open: "[", between: ",\n", close: "]", row: row, scrap: scrap}
}

// jsonRow writes a row of JSON as it is, with all its keys in their order.
func (d *Document) jsonRow(p *pen, row span) string {
	raw := d.src[row.start:row.end]
	if len(raw) <= p.limit || raw[0] != '{' {
		return p.json(jsonValue(raw))
	}
	var list []string
	for key, member := range members(raw) {
		list = append(list, p.str(`"`+key+`"`)+":"+p.json(jsonValue(member)))
	}
	return "{" + strings.Join(list, ",") + "}"
}

// chosen writes the columns of a document that were asked for.
type chosen struct {
	*Document
	places []int
}

func (c chosen) names(write func(string) string) []string {
	names := make([]string, len(c.places))
	for i, place := range c.places {
		names[i] = write(c.columns[place].name)
	}
	return names
}

// values writes the cells of a row that were asked for.
func (c chosen) values(p *pen, row span, write func(string) string) []string {
	cells := c.cells(row, nil)
	texts := make([]string, len(c.places))
	for i, place := range c.places {
		texts[i] = write(p.cell(cells[place]))
	}
	return texts
}

// object writes a row as an object without the columns that it lacks.
func (c chosen) object(p *pen, row span) string {
	cells := c.cells(row, nil)
	var list []string
	for _, place := range c.places {
		if v := cells[place]; v.form != formAbsent {
			list = append(list, quote(c.columns[place].name)+":"+p.json(v))
		}
	}
	return "{" + strings.Join(list, ",") + "}"
}

// header ends each line that stands above the rows. Without columns there are none.
func (c chosen) header(lines ...string) string {
	if len(c.places) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

func (c chosen) csvLayout() layout {
	row := func(p *pen, row span) string { return csvRecord(c.values(p, row, csvCell)) }
	return layout{format: FormatCSV, open: c.header(csvRecord(c.names(csvCell))), between: "\n", row: row, scrap: row}
}

// csvRecord is never a blank line, which readers skip.
func csvRecord(cells []string) string {
	if len(cells) == 1 && cells[0] == "" {
		return `""`
	}
	return strings.Join(cells, ",")
}

// csvCell quotes a cell where readers would not take it as it is.
func csvCell(text string) string {
	if !strings.ContainsAny(text, "\",\n") && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

func (c chosen) markdownLayout() layout {
	row := func(p *pen, row span) string { return markdownRow(c.values(p, row, markdownCell)) }
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
