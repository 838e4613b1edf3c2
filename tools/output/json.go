package output

import (
	"fmt"
	"strings"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// likeJSON matches broken JSON, but not text that happens to begin with a bracket.
var likeJSON = lazyregexp.New(`^(?:\{\s*(?:["'}{]|[A-Za-z_]\w*\s*:)|\[\s*(?:["'{}\[\]]|(?:-?\d[\d.eE+-]*|true|false|null)\s*,))`)

// detectJSON accepts a source that is JSON or NDJSON as a whole. Invalid JSON is text.
func detectJSON(d *Document, start int) bool {
	p := jsonParser{scanner: scanner{src: d.src}}
	begin := p.space(start)
	opening := p.at(begin)
	if opening != '[' && opening != '{' && opening != '"' {
		return false
	}
	kind := p.parse(begin)
	if p.err == nil {
		p.apply(d, kind)
		return true
	}
	if opening == '"' || !likeJSON().MatchString(d.src[begin:min(begin+256, len(d.src))]) {
		return false
	}
	d.warn(fmt.Sprintf("The output looks like JSON but is not valid: %v. It is shown as lines of text.", p.err))
	d.setLines(Text, start)
	return true
}

// jsonParser checks a JSON or NDJSON source, and finds its rows and columns.
type jsonParser struct {
	scanner
	found rowSet
	hints []string
}

// rowSet describes rows that follow each other.
type rowSet struct {
	index   index
	columns columnSet
	end     int // where the last row has ended
	objects int // rows that are objects
	widest  int // the largest number of members of an object
}

func (p *jsonParser) parse(start int) Kind {
	end := p.root(start)
	next := p.space(end)
	if p.err != nil || next == len(p.src) {
		return JSON
	}
	if !p.beginsLine(end, next) {
		p.fail(next, "more text follows the JSON value")
		return JSON
	}
	p.found, p.hints = rowSet{}, nil
	p.stream(start)
	return NDJSON
}

func (p *jsonParser) root(i int) int {
	switch p.at(i) {
	case '[':
		return p.rows(i, &p.found)
	case '{':
		return p.rootObject(i)
	}
	p.found.index.add(i)
	p.found.end = p.str(i)
	return p.found.end
}

// rootObject makes the object's array the rows if it is its only member, or its only
// array and one of objects. Else the object is the one row.
func (p *jsonParser) rootObject(i int) int {
	var self, inner rowSet
	var holder span
	arrays := 0
	self.index.add(i)
	self.objects = 1
	end := p.elements(i, func(key span, i int) int {
		self.widest++
		self.columns.add(p.inside(key))
		if p.at(i) != '[' {
			return p.value(i)
		}
		if arrays++; arrays > 1 {
			return p.value(i)
		}
		holder = key
		return p.rows(i, &inner)
	})
	self.end = end
	p.found = self
	if arrays != 1 || self.widest > 1 && inner.objects == 0 {
		return end
	}
	p.found = inner
	hint := fmt.Sprintf("The output is one object; its rows are the array under %q.", sanitize.OneLine(unescape(p.inside(holder)), maxNameRunes))
	if self.widest > 1 {
		hint += fmt.Sprintf(" Its other keys (%d) are in view raw only.", self.widest-1)
	}
	p.hints = append(p.hints, hint)
	return end
}

// rows makes each element of the array at i a row.
func (p *jsonParser) rows(i int, into *rowSet) int {
	end := p.elements(i, func(_ span, i int) int { return p.row(i, into) })
	into.end = end - 1
	return end
}

// stream makes each of the values from i on a row.
func (p *jsonParser) stream(i int) {
	for p.err == nil && i < len(p.src) {
		end := p.row(i, &p.found)
		i = p.space(end)
		if p.err == nil && i < len(p.src) && !p.beginsLine(end, i) {
			p.fail(i, "no object or array begins on a new line")
		}
	}
	p.found.end = len(p.src)
}

// beginsLine reports whether an object or array begins at next, on another line than end.
func (p *jsonParser) beginsLine(end, next int) bool {
	c := p.at(next)
	return (c == '{' || c == '[') && strings.Contains(p.src[end:next], "\n")
}

// row checks one row and collects its keys.
func (p *jsonParser) row(i int, into *rowSet) int {
	into.index.add(i)
	if p.at(i) != '{' {
		return p.value(i)
	}
	into.objects++
	into.columns.expected = 0
	members := 0
	end := p.elements(i, func(key span, i int) int {
		members++
		into.columns.add(p.inside(key))
		return p.value(i)
	})
	into.widest = max(into.widest, members)
	return end
}

// inside returns a string as written, without its quotes.
func (p *jsonParser) inside(s span) string {
	if p.err != nil {
		return ""
	}
	return p.src[s.start+1 : s.end-1]
}

// apply makes d the document that was found.
func (p *jsonParser) apply(d *Document, kind Kind) {
	f := p.found
	keys := f.columns.keys
	whole := -1
	if f.objects < f.index.rows {
		whole = len(keys)
		keys = append(keys, valueColumn)
	}
	d.kind, d.index, d.columns = kind, f.index, newColumns(keys)
	d.table = jsonTable{src: d.src[:f.end], places: f.columns.places, whole: whole}
	d.warnings = append(d.warnings, p.hints...)
	if f.columns.full {
		d.warn(fmt.Sprintf("The rows have more than %d different keys; only the first are columns, format json has them all.", maxColumns))
	}
	if f.widest == 1 && f.objects == f.index.rows && f.objects > 1 {
		d.warn("Each row is an object with a single key.")
	}
}

// jsonTable finds rows in valid JSON.
type jsonTable struct {
	src    string
	places map[string]int // of columns by key
	whole  int            // the column of rows that are no objects, or -1
}

func (t jsonTable) next(from int) (span, bool) {
	s := scanner{src: t.src}
	for from < len(t.src) && (isSpace(t.src[from]) || t.src[from] == ',') {
		from++
	}
	if from == len(t.src) {
		return span{}, false
	}
	return span{from, s.value(from)}, true
}

func (t jsonTable) cells(row span, cells []value) {
	if t.src[row.start] != '{' {
		cells[t.whole] = jsonValue(t.src[row.start:row.end])
		return
	}
	for key, member := range members(t.src[row.start:row.end]) {
		if place, ok := t.places[unescape(key[1:len(key)-1])]; ok {
			cells[place] = jsonValue(member)
		}
	}
}
