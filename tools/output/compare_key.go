package output

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// keyCandidates is how many columns a key is looked for in.
	keyCandidates = 8
	// keyShare is which share of the rows a key has to tell apart.
	keyShare = 0.9
)

// A KeyError says which columns there are in place of the one that was named.
type KeyError string

func (e KeyError) Error() string { return string(e) }

// chooseKey finds the column that the rows are told apart by.
func (c *comparer) chooseKey(name string) error {
	if name != "" {
		return c.useKey(name)
	}
	c.result.Guessed = true
	if c.before.index.rows == 1 && c.after.index.rows == 1 {
		c.warn("Each output is one row: these are compared.")
		return nil
	}
	shared, ok := c.guessKey()
	if !ok {
		c.warn("No column tells the rows apart, so a row that changed counts as removed and added. Name a column in key if there is one.")
		return nil
	}
	c.before.key, c.after.key = c.before.shared[shared], c.after.shared[shared]
	c.result.Key = c.after.columns[c.after.key].name
	return nil
}

func (c *comparer) useKey(name string) error {
	for _, s := range []*side{&c.before, &c.after} {
		if s.index.rows == 0 {
			continue
		}
		if s.key = s.columnPlace(name); s.key < 0 {
			return KeyError(fmt.Sprintf("key: the output of the %s task has no column %q; its columns are: %s", s.name, sanitize.OneLine(name, maxNameRunes), s.columnList()))
		}
	}
	c.result.Key = sanitize.OneLine(name, maxNameRunes)
	return nil
}

// guessKey tries the columns that are called like keys first. One by which no row is in
// both outputs is made anew by each run, and only taken where there is no other.
func (c *comparer) guessKey() (shared int, found bool) {
	for _, i := range c.candidates() {
		before, apart := c.before.distinctCells(c.before.shared[i])
		after, apartAfter := c.after.distinctCells(c.after.shared[i])
		if !apart || !apartAfter {
			continue
		}
		if overlap(before, after) {
			return i, true
		}
		if !found {
			shared, found = i, true
		}
	}
	return shared, found
}

// candidates are the shared columns that may be keys, the likeliest first.
func (c *comparer) candidates() []int {
	profile := c.after.Profile().Columns
	likeness := make([]int, len(c.after.shared))
	var list []int
	for i, place := range c.after.shared {
		if likeness[i] = keyLikeness(profile[place]); likeness[i] > 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(likeness[b], likeness[a]) })
	return list[:min(len(list), keyCandidates)]
}

var (
	keyNames  = lazyregexp.New(`(?i)^_?(?:id|uuid|guid|key|sku|asin|ean|gtin|upc|isbn|slug|handle|email)$`)
	keySuffix = lazyregexp.New(`(?:[_ -](?i:id|key|sku|asin|uuid|code)|I[dD])$`)
	keyLinks  = lazyregexp.New(`(?i)url|link|href`)
	keyTitles = lazyregexp.New(`(?i)name|title|product|company`)
	keyNever  = lazyregexp.New(`(?i)price|rank|position|index|count|rating|score|date|time|_at$|image|img|thumb|^#|^no\.?$|^row`)
)

// keyLikeness is larger the more a column looks like a key, 0 for one that is none.
func keyLikeness(column Column) int {
	switch {
	case column.Type != "string" && column.Type != "integer", column.NullShare > 1-keyShare:
		return 0
	case keyNames().MatchString(column.Name):
		return 6
	case keySuffix().MatchString(column.Name):
		return 5
	case keyNever().MatchString(column.Name):
		return 0
	case keyLinks().MatchString(column.Name):
		return 4
	case keyTitles().MatchString(column.Name):
		return 3
	case column.Type == "string":
		return 2
	}
	return 1
}

// distinctCells returns what the cells of a column say, and whether they tell
// nearly all rows apart.
func (s side) distinctCells(place int) (cells map[string]struct{}, apart bool) {
	cells = make(map[string]struct{}, s.index.rows)
	buf := make([]value, len(s.columns))
	for _, row := range s.rowsFrom(0) {
		if text := says(s.cells(row, buf)[place]); text != "" {
			cells[text] = struct{}{}
		}
	}
	return cells, float64(len(cells)) >= keyShare*float64(s.index.rows)
}

func overlap(a, b map[string]struct{}) bool {
	for text := range a {
		if _, ok := b[text]; ok {
			return true
		}
	}
	return false
}
