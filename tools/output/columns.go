package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxColumns bounds what a page of rows with ever new keys can cost. Further
	// keys are in JSON rows, but are no columns.
	maxColumns = 1000
	// maxNameRunes is how much of a key a column is called by.
	maxNameRunes = 80
	// valueColumn is where rows are that are no objects.
	valueColumn = "value"
)

// column is one column of a table: the key or heading as it is in the source,
// unescaped, and the name that it goes by.
type column struct{ key, name string }

// columnSet collects the keys of rows in first-seen order.
type columnSet struct {
	raw    []string       // keys as written, without quotes
	places map[string]int // by key, unescaped
	guess  int            // where the next key stands, if rows are alike
	full   bool           // keys were left out
}

// add sees a key as written, without its quotes.
func (c *columnSet) add(raw string) {
	if c.guess < len(c.raw) && c.raw[c.guess] == raw {
		c.guess++
		return
	}
	key := unescape(raw)
	place, ok := c.places[key]
	switch {
	case ok:
		c.guess = place + 1
	case len(c.raw) < maxColumns:
		if c.places == nil {
			c.places = map[string]int{}
		}
		c.places[key] = len(c.raw)
		c.raw = append(c.raw, raw)
		c.guess = len(c.raw)
	default:
		c.full = true
	}
}

func (c *columnSet) keys() []string {
	keys := make([]string, len(c.raw))
	for i, raw := range c.raw {
		keys[i] = unescape(raw)
	}
	return keys
}

// named gives keys the names that they go by.
func named(keys []string) []column {
	columns := make([]column, len(keys))
	taken := make(map[string]bool, len(keys))
	for i, key := range keys {
		name := distinct(columnName(key, i), taken)
		taken[name] = true
		columns[i] = column{key: key, name: name}
	}
	return columns
}

func columnName(key string, i int) string {
	if name := sanitize.OneLine(key, maxNameRunes); name != "" {
		return name
	}
	return fmt.Sprintf("column_%d", i+1)
}

// distinct adds a number to a name that is taken.
func distinct(name string, taken map[string]bool) string {
	for n, base := 2, name; taken[name]; n++ {
		name = fmt.Sprintf("%s (%d)", sanitize.OneLine(base, maxNameRunes-8), n)
	}
	return name
}

// selectColumns returns the places of the columns that fields name, in the
// order asked; all of them if fields is empty.
func (d *Document) selectColumns(fields []string) ([]int, error) {
	if len(fields) == 0 {
		all := make([]int, len(d.columns))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	if d.tabular() && d.index.rows == 0 {
		return nil, nil
	}
	if len(d.columns) == 0 {
		return nil, fmt.Errorf("fields: this output is %s and has no columns; leave fields out", d.kind)
	}
	var places []int
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

// columnPlace finds a column by its name, by its exact key, or by the name that
// errors or a locked document give it, -1 if there is none.
func (d *Document) columnPlace(field string) int {
	if i := slices.IndexFunc(d.columns, func(c column) bool { return c.name == field }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(d.columns, func(c column) bool { return c.key == field }); i >= 0 {
		return i
	}
	if i := slices.Index(d.plainNames(), field); i >= 0 {
		return i
	}
	for i := range d.columns {
		if sanitize.Numbered("column", i+1) == field {
			return i
		}
	}
	return -1
}

// plainNames are the names of the columns as an error may give them: a page must
// not be able to speak in an error.
func (d *Document) plainNames() []string {
	names := make([]string, len(d.columns))
	for i, c := range d.columns {
		names[i] = sanitize.PlainName(c.name, sanitize.Numbered("column", i+1))
	}
	return names
}

// listedColumns is how many columns an error names.
const listedColumns = 40

func (d *Document) unknownField(field string) error {
	return fmt.Errorf("fields: there is no column %q; the nearest is %q. The columns are: %s",
		sanitize.OneLine(field, maxNameRunes), nearest(field, d.plainNames()), d.columnList())
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

// nearest returns the name with the fewest letters to change; names is not empty.
func nearest(word string, names []string) string {
	word = strings.ToLower(sanitize.OneLine(word, maxNameRunes))
	return slices.MinFunc(names, func(a, b string) int {
		return distance(word, strings.ToLower(a)) - distance(word, strings.ToLower(b))
	})
}

// distance is Levenshtein's.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
