package output

import (
	"fmt"
	"strings"
)

// encoder writes values as they leave the package: sanitised, JSON compact, and
// truncated where they are longer than limit in the source.
type encoder struct {
	limit     int  // bytes of a value
	maxRow    int  // bytes of a row; a longer one is not used
	truncated int  // values that were truncated
	tooLong   bool // the row is longer than maxRow
	changes   changes
}

const (
	// maxEscape is the most bytes that a string of JSON spends on one byte of what it says.
	maxEscape = 6
	// minMarkLimit is the limit from which on a long mark fits into a value.
	minMarkLimit = 16
)

// text returns text sanitised and truncated.
func (e *encoder) text(text string) string {
	if len(text) <= e.limit {
		return e.changes.show(text)
	}
	n := runeStart(text, e.limit)
	return e.changes.show(text[:n]) + e.mark(len(text)-n)
}

// unquote returns what a string of JSON says, sanitised and truncated.
func (e *encoder) unquote(quoted string) string {
	raw := quoted[1 : len(quoted)-1]
	if len(raw) <= e.limit {
		return e.changes.show(unescape(raw))
	}
	n := escapeStart(raw, e.limit)
	return e.changes.show(unescape(raw[:n])) + e.mark(len(raw)-n)
}

// mark stands where bytes were left out.
func (e *encoder) mark(bytes int) string {
	e.truncated++
	if e.limit < minMarkLimit {
		return "…"
	}
	return fmt.Sprintf("…[cut, %d bytes]", bytes)
}

// cell returns what a value says, as text. Arrays and objects are JSON, null is empty.
func (e *encoder) cell(v value) string {
	switch {
	case v.form == formAbsent || v.form == formJSON && v.text == "null":
		return ""
	case v.isString():
		return e.unquote(v.text)
	case v.form == formText || len(v.text) > e.limit:
		return e.text(v.text)
	}
	return e.compact(v.text)
}

// json returns a value as JSON on one line. What is truncated becomes a string.
func (e *encoder) json(v value) string {
	if v.form == formText || len(v.text) > e.limit {
		return quote(e.cell(v))
	}
	return e.compact(v.text)
}

// object returns an object of JSON. It stops where that is longer than maxRow.
func (e *encoder) object(fields []field) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, f := range fields {
		if b.Len() > e.maxRow || len(f.key) > maxEscape*e.maxRow {
			e.tooLong = true
			return ""
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(e.str(f.key))
		b.WriteByte(':')
		b.WriteString(e.json(f.value))
	}
	b.WriteByte('}')
	return b.String()
}

// compact returns valid JSON without white space and with sanitised strings.
func (e *encoder) compact(raw string) string {
	var b strings.Builder
	b.Grow(len(raw))
	s := scanner{src: raw}
	for i := 0; i < len(raw); {
		end := i + 1
		switch {
		case raw[i] == '"':
			end = s.str(i)
			b.WriteString(e.str(raw[i:end]))
		case !isSpace(raw[i]):
			b.WriteByte(raw[i])
		}
		i = end
	}
	return b.String()
}

// str sanitises a string of JSON. One that needs nothing stays as it was written.
func (e *encoder) str(quoted string) string {
	inside := quoted[1 : len(quoted)-1]
	shown := e.changes.show(unescape(inside))
	if shown == inside { // without escapes, which are longer than what they say
		return quoted
	}
	return quote(shown)
}

//nolint:gochecknoglobals // a table, safe for concurrent use
var jsonEscaper = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\t", `\t`)

// quote returns sanitised text, whose control characters are these two, as JSON.
func quote(text string) string { return `"` + jsonEscaper.Replace(text) + `"` }
