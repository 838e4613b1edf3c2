package output

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxDigits is the length limit of a number that a program can calculate with.
	maxDigits = 1000
	// exactDigits is how many characters of a decimal number a float64 always keeps.
	exactDigits = 16
)

// valueReader decodes valid JSON and other sources as encoding/json does.
type valueReader struct {
	scanner
	keys        keyOrder
	known       map[string]string // keys as written to keys as they read
	removed     int               // invisible characters
	longNumbers bool              // some have more digits than a float64 keeps
	tooLong     int               // characters of a number beyond maxDigits
}

func newValueReader(src string, first []string) *valueReader {
	r := &valueReader{scanner: scanner{src: src}, keys: keyOrder{}, known: map[string]string{}}
	for _, key := range first {
		r.keys.add(key)
	}
	return r
}

func (r *valueReader) document(d *Document) (v any, err error) {
	switch d.kind {
	case Empty:
	case JSON:
		v, _ = r.value(r.space(d.start()))
	case NDJSON:
		list := make([]any, 0, d.index.rows)
		for _, row := range d.rowsFrom(0) {
			element, _ := r.value(row.start)
			list = append(list, element)
		}
		v = list
	case CSV:
		v = r.records(d)
	default:
		v = r.clean(d.src)
	}
	if r.tooLong > 0 {
		return nil, fmt.Errorf("the output has a number of %d digits, which programs cannot read; use view rows or raw", r.tooLong)
	}
	return v, nil
}

// records are the rows of CSV.
func (r *valueReader) records(d *Document) []any {
	for _, c := range d.columns {
		r.keys.add(c.name)
	}
	list := make([]any, 0, d.index.rows)
	cells := make([]value, len(d.columns))
	for _, row := range d.rowsFrom(0) {
		record := make(map[string]any, len(d.columns))
		for i, cell := range d.cells(row, cells) {
			if cell.form != formAbsent {
				record[d.columns[i].name] = r.clean(cell.text)
			}
		}
		list = append(list, record)
	}
	return list
}

// value reads the value that begins at i, and returns where it ends.
func (r *valueReader) value(i int) (v any, end int) {
	switch r.src[i] {
	case '{':
		members := map[string]any{}
		end = r.elements(i, func(key span, i int) int {
			member, end := r.value(i)
			members[r.key(r.src[key.start+1:key.end-1])] = member
			return end
		})
		return members, end
	case '[':
		list := []any{}
		end = r.elements(i, func(_ span, i int) int {
			element, end := r.value(i)
			list = append(list, element)
			return end
		})
		return list, end
	case '"':
		end = r.str(i)
		return r.clean(unescape(r.src[i+1 : end-1])), end
	case 't':
		return true, i + len("true")
	case 'f':
		return false, i + len("false")
	case 'n':
		return nil, i + len("null")
	}
	end = r.number(i)
	return r.exact(r.src[i:end]), end
}

// exact keeps a number as written, or as an int where that is written the same.
func (r *valueReader) exact(digits string) any {
	if n, err := strconv.Atoi(digits); err == nil && digits != "-0" {
		return n
	}
	if len(digits) > maxDigits {
		r.tooLong = len(digits)
	}
	if len(digits) > exactDigits && strings.ContainsAny(digits, ".eE") {
		r.longNumbers = true
	}
	return json.Number(digits)
}

func (r *valueReader) key(raw string) string {
	key, ok := r.known[raw]
	if !ok {
		key = r.clean(unescape(raw))
		r.known[raw] = key
		r.keys.add(key)
	}
	return key
}

func (r *valueReader) clean(text string) string {
	cleaned, removed := sanitize.CountInvisible(text)
	r.removed += removed
	return cleaned
}

func (r *valueReader) warnings() []string {
	if r.removed == 0 {
		return nil
	}
	return []string{fmt.Sprintf(
		"%d invisible, control or invalid characters were removed or replaced before the selection.", r.removed)}
}
