package tools

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/browseract/browseract-mcp/browseract"
)

// A likeness says how the inputs that the API tells of a task stand to those of a
// start.
type likeness int

const (
	// otherInputs are provably others: every name that was sent is there, and one has
	// a value that is whole and another one.
	otherInputs likeness = iota
	// unclearInputs may be the same: they are left out, masked, cut or unreadable.
	unclearInputs
	// sameInputs are those that were sent, and perhaps what BrowserAct has filled in.
	sameInputs
)

// likenessOf holds the inputs that the API tells of a task against those that were
// sent. Where the task cannot be another start's by its inputs, they are not others.
func likenessOf(sent []browseract.Input, told *browseract.TaskInputs) likeness {
	shapes := inputShapes(sent)
	switch {
	case slices.Contains(shapes, shapeOf(told)), len(sent) > 0 && includes(told, shapes):
		return sameInputs
	case len(sent) == 0:
		return unclearInputs
	}
	pairs := readInputs(told, sent)
	result := sameInputs
	for _, in := range sent {
		value, found := valueOf(pairs, in.Name)
		if !found {
			return unclearInputs // incomplete
		}
		result = min(result, likenessOfValues(in.Value, value))
	}
	return result
}

// valueOf returns the value of a name, also where case or signs of it differ.
func valueOf(pairs []browseract.Input, name string) (value string, found bool) {
	for _, pair := range pairs {
		if pair.Name == name {
			return pair.Value, true
		}
	}
	for _, pair := range pairs {
		if bareName(pair.Name) == bareName(name) {
			return pair.Value, true
		}
	}
	return "", false
}

// bareName is a name without what systems change in it: case, spaces and signs.
func bareName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// readInputs reads what the API tells in any form: a list, JSON, JSON in a text,
// or a text k=v;k=v, which is divided at the names that were sent.
func readInputs(told *browseract.TaskInputs, sent []browseract.Input) []browseract.Input {
	switch {
	case told == nil:
		return nil
	case len(told.List) > 0:
		return told.List
	}
	text := strings.TrimSpace(told.Text)
	if pairs := inputsInJSON([]byte(text)); pairs != nil {
		return pairs
	}
	return divideAtNames(text, sent)
}

// inputsInJSON reads an object of names and values, a list of objects with a name and
// a value each, or a JSON string that holds one of them; nil for everything else.
func inputsInJSON(raw []byte) []browseract.Input {
	var inner string
	if json.Unmarshal(raw, &inner) == nil {
		return inputsInJSON([]byte(inner))
	}
	var list browseract.TaskInputs
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		return list.List
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	pairs := make([]browseract.Input, 0, len(object))
	for name, value := range object {
		text := string(value)
		_ = json.Unmarshal(value, &text) // a number or the like stays as it is written
		pairs = append(pairs, browseract.Input{Name: name, Value: text})
	}
	return pairs
}

// divideAtNames divides a text k=v;k=v before each name that was sent. Nil: a name is
// there twice, and one of them may be part of a value.
func divideAtNames(text string, sent []browseract.Input) []browseract.Input {
	type place struct {
		name         string
		begin, value int
	}
	var places []place
	for begin := range text {
		if begin > 0 && !strings.ContainsRune(";,&|\n\t ", rune(text[begin-1])) {
			continue
		}
		for _, in := range sent {
			if value := valueAfter(text[begin:], in.Name); value > 0 {
				if slices.ContainsFunc(places, func(p place) bool { return p.name == in.Name }) {
					return nil
				}
				places = append(places, place{in.Name, begin, begin + value})
			}
		}
	}
	pairs := make([]browseract.Input, len(places))
	for n, p := range places {
		end := len(text)
		if n+1 < len(places) {
			end = max(places[n+1].begin, p.value)
		}
		pairs[n] = browseract.Input{Name: p.name, Value: strings.TrimRight(text[p.value:end], ";,&| \n\t")}
	}
	return pairs
}

// valueAfter returns where the value begins if text begins with the name, in quotes
// or not, and a sign that gives it a value; else 0.
func valueAfter(text, name string) int {
	rest := strings.TrimLeft(text, `"'`)
	if len(rest) < len(name) || !strings.EqualFold(rest[:len(name)], name) {
		return 0
	}
	rest = strings.TrimLeft(rest[len(name):], `"' `)
	if rest == "" || rest[0] != '=' && rest[0] != ':' {
		return 0
	}
	return len(text) - len(rest) + 1
}

// likenessOfValues compares a value that was sent with the one that is told.
func likenessOfValues(sent, told string) likeness {
	ours, theirs := plainValue(sent), plainValue(told)
	switch {
	case ours == theirs, ours == unescaped(theirs), isSameNumber(ours, theirs):
		return sameInputs
	case isMasked(theirs), isCut(theirs, ours), isBegunBy(theirs, ours), bareName(ours) == bareName(theirs):
		return unclearInputs
	}
	return otherInputs
}

// plainValue is a value without quotes, escapes, case and what white space it has.
func plainValue(value string) string {
	value = strings.Join(strings.Fields(strings.ToLower(html.UnescapeString(value))), " ")
	for len(value) > 1 && strings.IndexByte("\"'`", value[0]) >= 0 && value[len(value)-1] == value[0] {
		value = strings.TrimSpace(value[1 : len(value)-1])
	}
	return strings.NewReplacer(`\"`, `"`, `\/`, `/`, `\\`, `\`).Replace(value)
}

func unescaped(value string) string {
	if plain, err := url.QueryUnescape(value); err == nil {
		return strings.ToLower(plain)
	}
	return value
}

// maxExactDigits is how many digits a number may have that float64 keeps exactly.
const maxExactDigits = 15

func isSameNumber(a, b string) bool {
	if max(len(a), len(b)) > maxExactDigits {
		return false
	}
	x, err := strconv.ParseFloat(a, 64)
	y, otherErr := strconv.ParseFloat(b, 64)
	return err == nil && otherErr == nil && x == y
}

// isBegunBy reports whether a told value goes on behind the one that was sent with
// another input: where the text ends in inputs that BrowserAct has filled in.
func isBegunBy(told, sent string) bool {
	rest, begun := strings.CutPrefix(told, sent)
	return begun && sent != "" && strings.HasPrefix(strings.TrimLeft(rest, " "), ";") && strings.Contains(rest, "=")
}

// isMasked reports whether a value stands in the place of another one.
func isMasked(told string) bool {
	switch strings.Trim(told, "[](){}<>*-_ ") {
	case "", "redacted", "masked", "hidden", "secret", "filtered", "encrypted", "removed", "omitted", "sensitive", "null", "nil", "none", "undefined", "n/a":
		return true
	}
	for _, mark := range []string{"**", "••", "●●", "██", "xxx", "###", "\ufffd"} {
		if strings.Contains(told, mark) {
			return true
		}
	}
	return bareName(told) == ""
}

// isCut reports whether a told value may be what is left of the one that was sent.
func isCut(told, sent string) bool {
	for _, mark := range []string{"…", "[...]", "...", ".."} {
		if head, tail, found := strings.Cut(told, mark); found {
			head = strings.TrimSpace(head)
			return head != "" && strings.HasPrefix(sent, head) || head == "" && strings.HasSuffix(sent, strings.TrimSpace(tail))
		}
	}
	return strings.HasPrefix(sent, told) || strings.HasSuffix(sent, told)
}
