package output

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxKeyCandidates is how many columns are tried as the key.
	maxKeyCandidates = 8
	// minKeyShare is the share of the rows that a key has to identify.
	minKeyShare = 0.9
)

// A KeyError lists the columns that can be the key in place of the one that was named.
type KeyError string

func (e KeyError) Error() string { return string(e) }

// chooseKey finds the column that identifies the rows.
func (c *comparer) chooseKey(name string) error {
	if name != "" {
		return c.useKey(name)
	}
	c.result.KeyGuessed = true
	if c.single() {
		c.warn("Each output is one row: these are compared.")
		return nil
	}
	shared, ok := c.guessKey()
	if !ok {
		c.warn("No column identifies the rows, so a row that changed counts as removed and added. Name a column in key if there is one.")
		return nil
	}
	c.before.key, c.after.key = c.before.shared[shared], c.after.shared[shared]
	c.result.Key = c.after.columns[c.after.key].name
	return nil
}

func (c *comparer) useKey(name string) error {
	shown := sanitize.OneLine(name, maxNameRunes)
	for _, s := range []*side{&c.before, &c.after} {
		if s.index.rows == 0 {
			continue
		}
		if s.key = s.columnPlace(name); s.key < 0 {
			return KeyError(fmt.Sprintf("key: the output of the %s task has no column %q; its columns are: %s", s.name, shown, s.columnList()))
		}
	}
	c.result.Key = shown
	return nil
}

// guessKey returns the most likely key, an index of shared. A column by which no row
// is in both outputs is new in each run, and only taken where there is no other.
func (c *comparer) guessKey() (shared int, found bool) {
	for _, i := range c.keyCandidates() {
		before, ok := c.before.identifiers(c.before.shared[i])
		after, okAfter := c.after.identifiers(c.after.shared[i])
		if !ok || !okAfter {
			continue
		}
		for text := range before {
			if _, both := after[text]; both {
				return i, true
			}
		}
		if !found {
			shared, found = i, true
		}
	}
	return shared, found
}

// keyCandidates are the shared columns that may be keys, the most likely first.
func (c *comparer) keyCandidates() []int {
	profile := c.after.Profile().Columns
	rank := make([]int, len(c.after.shared))
	var list []int
	for i, place := range c.after.shared {
		if rank[i] = keyRank(profile[place]); rank[i] > 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(rank[b], rank[a]) })
	return list[:min(len(list), maxKeyCandidates)]
}

var (
	keyNames  = lazyregexp.New(`(?i)^_?(?:id|uuid|guid|key|sku|asin|ean|gtin|upc|isbn|slug|handle|email)$`)
	keySuffix = lazyregexp.New(`(?:[_ -](?i:id|key|sku|asin|uuid|code)|I[dD])$`)
	keyLinks  = lazyregexp.New(`(?i)url|link|href`)
	keyTitles = lazyregexp.New(`(?i)name|title|product|company`)
	keyNever  = lazyregexp.New(`(?i)price|rank|position|index|count|rating|score|date|time|_at$|image|img|thumb|^#|^no\.?$|^row`)
)

// keyRank is higher the more a column looks like a key, 0 for one that cannot be one.
func keyRank(column Column) int {
	switch {
	case column.Type != "string" && column.Type != "integer", column.NullShare > 1-minKeyShare:
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

// identifiers returns the texts of a column, and whether they identify nearly all rows.
func (s side) identifiers(place int) (texts map[string]struct{}, ok bool) {
	texts = make(map[string]struct{}, s.index.rows)
	buf := make([]value, len(s.columns))
	for _, row := range s.rowsFrom(0) {
		if text := cellText(s.cells(row, buf)[place]); text != "" {
			texts[text] = struct{}{}
		}
	}
	return texts, float64(len(texts)) >= minKeyShare*float64(s.index.rows)
}
