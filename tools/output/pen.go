package output

import (
	"fmt"
	"strings"
)

// pen writes values the way they leave the package: shown, JSON compact, and
// cut where they are longer than limit in the source.
type pen struct {
	limit   int  // bytes of a value
	room    int  // bytes of a row; one that is longer will not be used
	cut     int  // values that were cut
	over    bool // the row is longer than room
	changes changes
}

// escapedBytes is the most that a string of JSON spends on one byte of what it says.
const escapedBytes = 6

// show returns text as Show does.
func (p *pen) show(text string) string { return p.changes.show(text) }

// plain returns text shown and cut.
func (p *pen) plain(text string) string {
	if len(text) <= p.limit {
		return p.show(text)
	}
	head := runeStart(text, p.limit)
	return p.show(text[:head]) + p.cutMark(len(text)-head)
}

// unquoted returns what a string of JSON says, shown and cut.
func (p *pen) unquoted(quoted string) string {
	raw := quoted[1 : len(quoted)-1]
	if len(raw) <= p.limit {
		return p.show(unescape(raw))
	}
	head := escapeStart(raw, p.limit)
	return p.show(unescape(raw[:head])) + p.cutMark(len(raw)-head)
}

// shortMark is the limit below which a long mark would be most of the value.
const shortMark = 16

// cutMark stands where bytes were left out.
func (p *pen) cutMark(bytes int) string {
	p.cut++
	if p.limit < shortMark {
		return "…"
	}
	return fmt.Sprintf("…[cut, %d bytes]", bytes)
}

// cell returns what a value says, as text. Arrays and objects are JSON, null is empty.
func (p *pen) cell(v value) string {
	switch {
	case v.form == formAbsent || v.form == formJSON && v.text == "null":
		return ""
	case v.isString():
		return p.unquoted(v.text)
	case v.form == formText || len(v.text) > p.limit:
		return p.plain(v.text)
	}
	return p.compact(v.text)
}

// json returns a value as JSON on one line. An array, object or number that is
// cut becomes a string.
func (p *pen) json(v value) string {
	if v.form == formText || len(v.text) > p.limit {
		return quote(p.cell(v))
	}
	return p.compact(v.text)
}

// object returns an object of JSON. It gives up where that is longer than room.
func (p *pen) object(fields []field) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, f := range fields {
		if b.Len() > p.room || len(f.key) > escapedBytes*p.room {
			p.over = true
			return ""
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.str(f.key))
		b.WriteByte(':')
		b.WriteString(p.json(f.value))
	}
	b.WriteByte('}')
	return b.String()
}

// compact returns valid JSON without white space between its tokens and with
// clean strings.
func (p *pen) compact(raw string) string {
	var b strings.Builder
	b.Grow(len(raw))
	s := scanner{src: raw}
	for i := 0; i < len(raw); {
		end := i + 1
		switch {
		case raw[i] == '"':
			end = s.str(i)
			b.WriteString(p.str(raw[i:end]))
		case !isSpace(raw[i]):
			b.WriteByte(raw[i])
		}
		i = end
	}
	return b.String()
}

// str shows a string of JSON. One that needs nothing stays as it was written.
func (p *pen) str(quoted string) string {
	inside := quoted[1 : len(quoted)-1]
	shown := p.show(unescape(inside))
	if shown == inside { // it has no escapes either: these are longer than what they say
		return quoted
	}
	return quote(shown)
}

// quote returns clean text as a string of JSON.
func quote(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 2)
	b.WriteByte('"')
	from := 0
	for i := range len(text) {
		if short := shortEscape(text[i]); short != 0 {
			b.WriteString(text[from:i])
			b.WriteByte('\\')
			b.WriteByte(short)
			from = i + 1
		}
	}
	b.WriteString(text[from:])
	b.WriteByte('"')
	return b.String()
}

// shortEscape returns the letter that stands for c after a backslash, or 0.
// Clean text has no other control characters.
func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\n':
		return 'n'
	case '\t':
		return 't'
	}
	return 0
}
