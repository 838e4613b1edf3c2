package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxColumns bounds the cost of rows with ever new keys; JSON rows hold the others.
	maxColumns = 1000
	// maxNameRunes is the length of a column's name, in characters.
	maxNameRunes = 80
	// listedColumns is how many columns an error names.
	listedColumns = 40
	// valueColumn holds rows that are no objects.
	valueColumn = "value"
)

// column is the key or heading in the source, unescaped, and the name that is shown.
type column struct{ key, name string }

// columnSet collects the keys of rows in first-seen order.
type columnSet struct {
	raw      []string       // keys as written, without quotes
	keys     []string       // the same, unescaped
	places   map[string]int // by key, unescaped
	expected int            // the place of the next key, if rows are alike
	full     bool           // keys were left out
}

// add adds a key as written, without its quotes.
func (c *columnSet) add(raw string) {
	if c.expected < len(c.raw) && c.raw[c.expected] == raw {
		c.expected++
		return
	}
	key := unescape(raw)
	place, ok := c.places[key]
	switch {
	case ok:
		c.expected = place + 1
	case len(c.raw) < maxColumns:
		if c.places == nil {
			c.places = map[string]int{}
		}
		c.places[key] = len(c.raw)
		c.raw, c.keys = append(c.raw, raw), append(c.keys, key)
		c.expected = len(c.raw)
	default:
		c.full = true
	}
}

// newColumns gives each key a name of its own.
func newColumns(keys []string) []column {
	columns := make([]column, len(keys))
	taken := make(map[string]bool, len(keys))
	for i, key := range keys {
		base := sanitize.OneLine(key, maxNameRunes)
		if base == "" {
			base = sanitize.Numbered("column", i+1)
		}
		name := base
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s (%d)", sanitize.OneLine(base, maxNameRunes-8), n)
		}
		taken[name] = true
		columns[i] = column{key: key, name: name}
	}
	return columns
}

// selectColumns returns the places of the columns that fields name, of all if it is empty.
func (d *Document) selectColumns(fields []string) ([]int, error) {
	var places []int
	switch {
	case len(fields) == 0:
		for i := range d.columns {
			places = append(places, i)
		}
		return places, nil
	case d.tabular() && d.index.rows == 0:
		return nil, nil
	case len(d.columns) == 0:
		return nil, fmt.Errorf("fields do not apply: this output is %s and has no columns; leave them out", d.kind)
	}
	for _, field := range fields {
		place := d.columnPlace(field)
		if place < 0 {
			return nil, d.unknownField(field)
		}
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return places, nil
}

// columnPlace returns the place of a column by its name, its exact key, its name
// in errors, or its name in a locked document; -1 if there is none.
func (d *Document) columnPlace(field string) int {
	for _, name := range []func(i int) string{
		func(i int) string { return d.columns[i].name },
		func(i int) string { return d.columns[i].key },
		d.plainName,
		func(i int) string { return sanitize.Numbered("column", i+1) },
	} {
		for i := range d.columns {
			if name(i) == field {
				return i
			}
		}
	}
	return -1
}

// plainName is the name of a column in errors, where a page's words must not stand.
func (d *Document) plainName(i int) string {
	return sanitize.PlainName(d.columns[i].name, sanitize.Numbered("column", i+1))
}

func (d *Document) plainNames() (names []string) {
	for i := range d.columns {
		names = append(names, d.plainName(i))
	}
	return names
}

func (d *Document) unknownField(field string) error {
	suggestion := "."
	if near, ok := schemas.Nearest(field, d.plainNames()); ok {
		suggestion = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("fields: no column %q%s The columns are: %s", sanitize.OneLine(field, maxNameRunes), suggestion, d.columnList())
}

// columnList names columns for an error.
func (d *Document) columnList() string {
	names := d.plainNames()
	list := fmt.Sprintf("%q", names[:min(len(names), listedColumns)])
	list = strings.ReplaceAll(strings.Trim(list, "[]"), `" "`, `", "`)
	if len(names) > listedColumns {
		list += fmt.Sprintf(" and %d more", len(names)-listedColumns)
	}
	return list
}
