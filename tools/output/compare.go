package output

import (
	"crypto/sha256"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/schemas"
)

// Comparison is how the outputs of two runs differ.
type Comparison struct {
	// Comparison has the counts, the columns, and the warnings that say how the rows were
	// matched, and what was left out. Rows of the same key with other values in columns
	// that both outputs have are Changed. Tasks and page are the caller's to add.
	schemas.Comparison

	// Changes has a row for each row that was added, removed or changed: an object
	// with change, the key, and before and after, which hold the whole row of one that
	// was removed or added, and the columns that differ of one that was changed. They
	// are in the order of after, removed rows last.
	Changes *Document
}

// Compare matches the rows of two outputs by a column, named as [Document.Columns]
// does; an empty key is guessed: a column that both have, with a value of its own in
// nearly every row. Values are equal if their texts are: the number 1 is the "1" of
// CSV, null is an empty cell. Rows of the same key are compared in their order. A key
// that names no column is a [KeyError]; other errors say which output has no rows.
func Compare(before, after *Document, key string) (*Comparison, error) {
	c := newComparer(before, after)
	for _, s := range []*side{&c.before, &c.after} {
		if !s.tabular() {
			return nil, fmt.Errorf("the output of the %s task is %s and has no rows to compare; read both with get_task_output", s.name, s.kind)
		}
	}
	if err := c.chooseKey(key); err != nil {
		return nil, err
	}
	c.compareColumns()
	c.match()
	c.finish()
	return &c.result, nil
}

// side is one of the outputs.
type side struct {
	*Document
	name   string
	key    int   // the place of the key column, -1 for none
	shared []int // the places of the columns that both outputs have, in one order
}

// comparer matches the rows of two outputs.
type comparer struct {
	before, after side
	result        Comparison
	unmatched     map[string][]span // rows of before, by key
	repeated      int               // rows of before whose key another one has too
	changes       strings.Builder
	full          bool // there is no room for further changes
}

func newComparer(before, after *Document) *comparer {
	c := &comparer{
		before:    side{Document: before, name: "earlier", key: -1},
		after:     side{Document: after, name: "later", key: -1},
		unmatched: map[string][]span{},
	}
	c.result.RowsBefore, c.result.RowsAfter = before.index.rows, after.index.rows
	places := map[string]int{}
	for i, column := range before.columns {
		places[column.name] = i
	}
	for i, column := range after.columns {
		if place, ok := places[column.name]; ok {
			c.before.shared = append(c.before.shared, place)
			c.after.shared = append(c.after.shared, i)
		}
	}
	return c
}

func (c *comparer) match() {
	for _, row := range c.before.rowsFrom(0) {
		key := c.rowKey(c.before, row)
		if len(c.unmatched[key]) > 0 {
			c.repeated++
		}
		c.unmatched[key] = append(c.unmatched[key], row)
	}
	for _, row := range c.after.rowsFrom(0) {
		c.matchRow(row)
	}
	for _, row := range c.before.rowsFrom(0) {
		c.addRemoved(row)
	}
}

// matchRow finds the row of before that a row of after was.
func (c *comparer) matchRow(row span) {
	key := c.rowKey(c.after, row)
	same := c.unmatched[key]
	if len(same) == 0 {
		c.result.Added++
		c.write("added", c.after, row, field{`"after"`, c.after.object(row)})
		return
	}
	c.unmatched[key] = same[1:]
	was, is := c.differences(same[0], row)
	if len(is) == 0 {
		c.result.Unchanged++
		return
	}
	c.result.Changed++
	c.write("changed", c.after, row, field{`"before"`, objectValue(was)}, field{`"after"`, objectValue(is)})
}

// addRemoved reports a row of before if it is still unmatched.
func (c *comparer) addRemoved(row span) {
	key := c.rowKey(c.before, row)
	rest := c.unmatched[key]
	if len(rest) == 0 || rest[0] != row {
		return
	}
	c.unmatched[key] = rest[1:]
	c.result.Removed++
	c.write("removed", c.before, row, field{`"before"`, c.before.object(row)})
}

// rowKey returns what identifies a row: the text in the key column, or a hash of
// all columns that both outputs have where there is no key or no text in it.
func (c *comparer) rowKey(s side, row span) string {
	if c.single() {
		return ""
	}
	cells := s.cells(row, nil)
	if s.key >= 0 {
		if text := cellText(cells[s.key]); text != "" {
			return "=" + text
		}
	}
	if len(s.shared) == 0 {
		return s.name
	}
	hash := sha256.New()
	for _, place := range s.shared {
		fmt.Fprintf(hash, "%q,", cellText(cells[place]))
	}
	return string(hash.Sum(nil))
}

// single reports whether both outputs have one row, and the caller named no key.
func (c *comparer) single() bool {
	return c.result.KeyGuessed && c.before.index.rows == 1 && c.after.index.rows == 1
}

// differences returns the cells that differ in columns that both have.
func (c *comparer) differences(before, after span) (was, is []field) {
	old, now := c.before.cells(before, nil), c.after.cells(after, nil)
	for i, place := range c.after.shared {
		a, b := old[c.before.shared[i]], now[place]
		if equal(a, b) {
			continue
		}
		name := quote(c.after.columns[place].name)
		was = append(was, field{name, a})
		is = append(is, field{name, b})
	}
	return was, is
}

func equal(a, b value) bool {
	return a == b || cellText(a) == cellText(b) || a.form == formJSON && b.form == formJSON && reflect.DeepEqual(decoded(a), decoded(b))
}

// cellText returns all of a cell as text.
func cellText(v value) string {
	e := encoder{limit: len(v.text)}
	return e.cell(v)
}

func decoded(v value) any {
	decoded, _ := newValueReader(v.text, nil).value(0)
	return decoded
}

// object is a whole row.
func (s side) object(row span) value {
	fields := make([]field, len(s.columns))
	for i, cell := range s.cells(row, nil) {
		fields[i] = field{quote(s.columns[i].name), cell}
	}
	return objectValue(fields)
}

// objectValue is an object of the fields that are not absent.
func objectValue(fields []field) value {
	e := encoder{limit: math.MaxInt, maxRow: math.MaxInt / maxEscape}
	fields = slices.DeleteFunc(fields, func(f field) bool { return f.value.form == formAbsent })
	return jsonValue(e.object(fields))
}

// write adds a change, while there is room.
func (c *comparer) write(change string, s side, row span, details ...field) {
	if c.full {
		return
	}
	fields := []field{{`"change"`, textValue(change)}}
	if s.key >= 0 {
		fields = append(fields, field{`"key"`, s.cells(row, nil)[s.key]})
	}
	text := objectValue(append(fields, details...)).text
	if c.full = c.changes.Len()+len(text) > maxSelected; !c.full {
		c.changes.WriteString(text)
		c.changes.WriteString(",\n")
	}
}

// finish puts the changes into a document, and adds warnings.
func (c *comparer) finish() {
	c.result.Changes = Parse("[" + strings.TrimSuffix(c.changes.String(), ",\n") + "]")
	c.result.Changes.warnings = nil
	if c.full {
		c.warn("There are too many changes to list: these are the first %d.", c.result.Changes.index.rows)
	}
	if c.repeated > 0 && c.before.key >= 0 {
		c.warn("%d rows of the earlier output have a key that another row has too; these were compared in their order.", c.repeated)
	}
}

func (c *comparer) warn(format string, args ...any) {
	c.result.Warnings = append(c.result.Warnings, fmt.Sprintf(format, args...))
}

func (c *comparer) compareColumns() {
	d := schemas.ColumnChanges{Added: []string{}, Removed: []string{}, Retyped: []schemas.RetypedColumn{}}
	old, now := c.before.Profile().Columns, c.after.Profile().Columns
	for i, column := range old {
		if !slices.Contains(c.before.shared, i) {
			d.Removed = append(d.Removed, column.Name)
		}
	}
	for i, column := range now {
		shared := slices.Index(c.after.shared, i)
		if shared < 0 {
			d.Added = append(d.Added, column.Name)
		} else if was := old[c.before.shared[shared]].Type; was != column.Type && was != "null" && column.Type != "null" {
			d.Retyped = append(d.Retyped, schemas.RetypedColumn{Name: column.Name, Before: was, After: column.Type})
		}
	}
	c.result.Columns = d
}
