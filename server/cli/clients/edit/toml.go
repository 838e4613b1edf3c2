package edit

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

func decodeTOML(src []byte) (map[string]any, error) {
	var doc map[string]any
	err := toml.Unmarshal(src, &doc)
	if decodeErr, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := decodeErr.Position()
		return nil, fmt.Errorf("line %d, column %d: %s", line, column, strings.TrimPrefix(decodeErr.Error(), "toml: "))
	}
	return doc, err
}

// An item is the header of a table, or a key with its value.
type item struct {
	path       []string
	header     bool
	start, end int // of its lines, with the line break
	value      span
	pairs      []pair // of an inline table, nil for other values
}

type span struct{ start, end int }

// A pair is a key with its value in an inline table.
type pair struct {
	key string
	span
	value span
}

// scanTOML lists the items of src, which is valid.
func scanTOML(src []byte) []item {
	p := unstable.Parser{}
	p.Reset(src)
	var items []item
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		key, last := keyOf(e)
		it := item{path: key, header: true, start: lineStart(src, last.start), end: lineEnd(src, last.end)}
		if e.Kind == unstable.KeyValue {
			raw := spanOf(e.Raw)
			it = item{path: slices.Concat(table, key), start: lineStart(src, raw.start), end: lineEnd(src, raw.end)}
			it.value = valueOf(src, last, raw)
			it.pairs = pairsOf(src, e.Value())
		} else {
			table = key
		}
		items = append(items, it)
	}
	return items
}

// keyOf is the parts of an expression's key, and the last one's position.
func keyOf(e *unstable.Node) (key []string, last span) {
	for parts := e.Key(); parts.Next(); {
		key = append(key, string(parts.Node().Data))
		last = spanOf(parts.Node().Raw)
	}
	return key, last
}

func spanOf(r unstable.Range) span {
	return span{int(r.Offset), int(r.Offset + r.Length)}
}

// valueOf is the position of a pair's value: all after the equals sign.
func valueOf(src []byte, key, pair span) span {
	_, value, _ := bytes.Cut(src[key.end:pair.end], []byte("="))
	return span{pair.end - len(bytes.TrimLeft(value, " \t")), pair.end}
}

func pairsOf(src []byte, value *unstable.Node) []pair {
	if value.Kind != unstable.InlineTable {
		return nil
	}
	pairs := []pair{}
	for children := value.Children(); children.Next(); {
		key, last := keyOf(children.Node())
		raw := spanOf(children.Node().Raw)
		pairs = append(pairs, pair{strings.Join(key, "."), raw, valueOf(src, last, raw)})
	}
	return pairs
}

func lineTOML(src []byte, path []string) int {
	for _, it := range scanTOML(src) {
		if within(it.path, path) {
			return lineOf(src, it.start)
		}
	}
	return 0
}

// within reports whether path is at or below top.
func within(path, top []string) bool {
	return len(path) >= len(top) && slices.Equal(path[:len(top)], top)
}

func setTOML(src []byte, path []string, value any) ([]byte, error) {
	items := scanTOML(src)
	for _, it := range items {
		switch {
		case it.header:
		case slices.Equal(it.path, path):
			return splice(src, it.value.start, it.value.end, inlineTOML(value)), nil
		case it.pairs != nil && len(it.path) < len(path) && within(path, it.path):
			return setPair(src, it, path[len(it.path):], value), nil
		}
	}
	above, key := path[:len(path)-1], path[len(path)-1]
	if n := slices.IndexFunc(items, func(it item) bool { return it.header && slices.Equal(it.path, above) }); n >= 0 {
		line := indentAt(src, items[n].end-1) + pairTOML(key, value) + newlineOf(src)
		return insertLine(src, endOfTable(items, n), line), nil
	}
	table, ok := value.(Object)
	if !ok {
		return nil, fmt.Errorf("%s %w", strings.Join(above, "."), errForm)
	}
	return appendTable(src, path, table), nil
}

func endOfTable(items []item, n int) int {
	for n+1 < len(items) && !items[n+1].header {
		n++
	}
	return items[n].end
}

func insertLine(src []byte, at int, line string) []byte {
	if at == len(src) {
		src = terminated(src)
		at = len(src)
	}
	return splice(src, at, at, line)
}

func appendTable(src []byte, path []string, table Object) []byte {
	newline := newlineOf(src)
	out := slices.Clip(terminated(src)) // append must not write to the caller's memory
	if len(bytes.TrimSpace(src)) > 0 && !bytes.HasSuffix(out, []byte(newline+newline)) {
		out = append(out, newline...)
	}
	header := ""
	for _, key := range path {
		header += "." + keyTOML(key)
	}
	out = append(out, "["+header[1:]+"]"+newline...)
	for _, m := range table {
		out = append(out, pairTOML(m.Key, m.Value)+newline...)
	}
	return out
}

func setPair(src []byte, it item, path []string, value any) []byte {
	for _, p := range it.pairs {
		if p.key == path[0] {
			return splice(src, p.value.start, p.value.end, inlineTOML(nested(path[1:], value)))
		}
	}
	added := pairTOML(path[0], nested(path[1:], value))
	if len(it.pairs) == 0 {
		return splice(src, it.value.start, it.value.end, "{ "+added+" }")
	}
	end := it.pairs[len(it.pairs)-1].end
	return splice(src, end, end, ", "+added)
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func keyTOML(key string) string {
	if bareKey.MatchString(key) {
		return key
	}
	return quote(key)
}

func pairTOML(key string, value any) string { return keyTOML(key) + " = " + inlineTOML(value) }

func inlineTOML(value any) string {
	object, ok := value.(Object)
	if !ok {
		return scalar(value)
	}
	pairs := make([]string, 0, len(object))
	for _, m := range object {
		pairs = append(pairs, pairTOML(m.Key, m.Value))
	}
	if len(pairs) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(pairs, ", ") + " }"
}

func removeTOML(src []byte, path []string) ([]byte, error) {
	items := scanTOML(src)
	for n, it := range slices.Backward(items) {
		switch {
		case it.header && within(it.path, path):
			src = cutTable(src, it.start, endOfTable(items, n))
		case !it.header && within(it.path, path) && !within(tableOf(items, n), path):
			src = splice(src, it.start, it.end, "")
		case it.pairs != nil && len(it.path) < len(path) && within(path, it.path):
			src = cutPair(src, it, path[len(it.path)])
		}
	}
	return src, nil
}

// tableOf is the path of the table that has items[n].
func tableOf(items []item, n int) []string {
	for ; n >= 0; n-- {
		if items[n].header {
			return items[n].path
		}
	}
	return nil
}

// cutTable removes lines and the blank ones above them; below them at the top.
func cutTable(src []byte, start, end int) []byte {
	isBlank := func(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }
	for start > 0 && isBlank(src[lineStart(src, start-1):start]) {
		start = lineStart(src, start-1)
	}
	for start == 0 && end < len(src) && isBlank(src[end:lineEnd(src, end)]) {
		end = lineEnd(src, end)
	}
	return splice(src, start, end, "")
}

func cutPair(src []byte, it item, key string) []byte {
	n := slices.IndexFunc(it.pairs, func(p pair) bool { return p.key == key })
	switch {
	case n < 0:
		return src
	case len(it.pairs) == 1:
		return splice(src, it.value.start, it.value.end, "{}")
	case n == 0:
		return splice(src, it.pairs[0].start, it.pairs[1].start, "")
	}
	return splice(src, it.pairs[n-1].end, it.pairs[n].end, "")
}
