package output

import (
	"encoding/json"
	"hash/maphash"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// Profile describes a document: what it is, and what its columns hold.
type Profile struct {
	Kind    Kind     `json:"kind"`
	Bytes   int      `json:"bytes"`
	Tokens  int      `json:"approx_tokens"` // of the whole output, by [Tokens]
	Rows    int      `json:"rows"`
	Lines   int      `json:"lines,omitempty"` // of outputs that have no rows
	Columns []Column `json:"columns,omitempty"`
}

// Column describes one column of all rows.
type Column struct {
	Name string `json:"name"`
	// Type is string, integer, number, boolean, array, object, mixed, or null if the
	// column has no values. In CSV it is what all values can be read as; digits after
	// a leading zero are a string.
	Type string `json:"type"`
	// NullShare is the share of rows whose value is null, absent, or blank in CSV: 0 to
	// 1, in thousandths.
	NullShare float64 `json:"null_share"`
	// Distinct counts the different values, up to 1,000.
	Distinct int `json:"distinct"`
	// DistinctMore reports that there are more.
	DistinctMore bool `json:"distinct_more,omitempty"`
	// Example is the first value, on one line of at most 80 characters.
	Example string `json:"example,omitempty"`
}

const (
	maxDistinct  = 1000
	exampleRunes = 80
	exampleBytes = 512
)

// Profile reads all rows on its first call.
func (d *Document) Profile() Profile { return d.profile() }

func newProfile(d *Document) Profile {
	p := Profile{Kind: d.kind, Bytes: len(d.src), Tokens: Tokens(d.src)}
	if !d.tabular() {
		p.Lines = d.index.rows
		return p
	}
	p.Rows = d.index.rows
	tallies := make([]tally, len(d.columns))
	cells := make([]value, len(d.columns))
	seed := maphash.MakeSeed()
	for _, row := range d.rowsFrom(0) {
		for i, v := range d.cells(row, cells) {
			tallies[i].add(v, seed)
		}
	}
	for i, t := range tallies {
		p.Columns = append(p.Columns, t.column(d.columns[i].name, p.Rows))
	}
	return p
}

// tally counts the values of a column.
type tally struct {
	values  int
	kind    string // of all values so far
	seen    map[uint64]struct{}
	more    bool
	example string
}

func (t *tally) add(v value, seed maphash.Seed) {
	kind := v.typeName()
	if kind == "null" {
		return
	}
	if t.values == 0 {
		e := encoder{limit: exampleBytes}
		t.kind, t.example = kind, sanitize.OneLine(e.cell(v), exampleRunes)
		t.seen = map[uint64]struct{}{}
	}
	t.values++
	t.kind = widerType(t.kind, kind, v.form)
	hash := maphash.String(seed, v.text)
	if _, ok := t.seen[hash]; ok || t.more {
		return
	}
	if t.more = len(t.seen) == maxDistinct; !t.more {
		t.seen[hash] = struct{}{}
	}
}

func (t *tally) column(name string, rows int) Column {
	c := Column{Name: name, Type: t.kind, Distinct: len(t.seen), DistinctMore: t.more, Example: t.example}
	if t.values == 0 {
		c.Type = "null"
	}
	if rows > 0 {
		share := float64(rows-t.values) / float64(rows)
		c.NullShare = float64(int(share*1000+0.5)) / 1000
	}
	return c
}

// profilePage shows the profile as a JSON object with as many columns as fit.
func (d *Document) profilePage(r PageRequest) (Page, error) {
	places, err := d.selectColumns(r.Fields)
	if err != nil {
		return Page{}, err
	}
	if err := r.checkOffset(len(places), "columns"); err != nil {
		return Page{}, err
	}
	page := d.page(r, ViewProfile, FormatJSON)
	profile := d.Profile()
	columns := profile.Columns
	profile.Columns = nil
	head, _ := json.Marshal(profile)
	b := rowsBuilder{left: r.size(), layout: layout{
		open: strings.TrimSuffix(string(head), "}") + `,"columns":[`, between: ",\n", close: "]}",
	}}
	b.begin()
	for n, place := range places[r.Offset:] {
		if r.Limit > 0 && n == r.Limit || !b.addColumn(columns[place]) {
			page.NextOffset = r.Offset + n
			break
		}
	}
	page.Returned = b.rows
	page.Text = b.text.String() + b.layout.close
	return page, nil
}

// addColumn writes a column if it fits, the first of a page without example if it must.
func (b *rowsBuilder) addColumn(c Column) bool {
	text, _ := json.Marshal(c) // strings, finite numbers and a bool: it cannot fail
	if b.write(string(text), encoder{}) {
		return true
	}
	c.Example = ""
	text, _ = json.Marshal(c)
	return b.rows == 0 && b.write(string(text), encoder{})
}

// typeName returns the type of one value, null for an absent one.
func (v value) typeName() string {
	switch {
	case v.form == formAbsent:
		return "null"
	case v.form == formText:
		return textType(strings.TrimSpace(v.text))
	}
	switch v.text[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return numberType(v.text)
}

// textType is the type that text can be read as.
func textType(text string) string {
	switch {
	case text == "":
		return "null"
	case strings.EqualFold(text, "true") || strings.EqualFold(text, "false"):
		return "boolean"
	case !isNumber(text):
		return "string"
	}
	return numberType(text)
}

// isNumber reports whether text is a number as JSON writes it.
func isNumber(text string) bool {
	s := scanner{src: text}
	return s.number(0) == len(text) && s.err == nil
}

func numberType(text string) string {
	if strings.ContainsAny(text, ".eE") {
		return "number"
	}
	return "integer"
}

// widerType is the type of a column with values of two types.
func widerType(a, b string, f form) string {
	switch {
	case a == b:
		return a
	case a == "integer" && b == "number" || a == "number" && b == "integer":
		return "number"
	case f == formText:
		return "string"
	}
	return "mixed"
}
