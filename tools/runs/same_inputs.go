package runs

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

// A inputMatch says how the inputs that the API tells of a task stand to those of a
// start.
type inputMatch int

const (
	// otherInputs are provably others: every name that was sent is there, and one has
	// a value that is whole and another one.
	otherInputs inputMatch = iota
	// unclearInputs may be the same: they are left out, masked, cut or unreadable.
	unclearInputs
	// sameInputs are those that were sent, and perhaps what BrowserAct has filled in.
	sameInputs
)

// matchInputs holds the inputs that the API tells of a task against those that were
// sent.
func matchInputs(sent []browseract.Input, told *browseract.TaskInputs) inputMatch {
	shapes := inputShapes(sent)
	switch {
	case slices.Contains(shapes, shapeOf(told)), len(sent) > 0 && includes(told, shapes):
		return sameInputs
	case len(sent) == 0:
		return unclearInputs
	}
	pairs := readInputs(told)
	result := sameInputs
	for _, in := range sent {
		values := valuesOf(pairs, in.Name)
		if len(values) == 0 {
			values = valuesInText(told, in.Name)
		}
		if len(values) == 0 {
			return unclearInputs // incomplete
		}
		result = min(result, bestMatch(in.Value, values))
	}
	return result
}

// bestMatch returns the best of what a told value may be.
func bestMatch(sent string, values []string) inputMatch {
	best := otherInputs
	for _, value := range values {
		best = max(best, matchValues(sent, value))
	}
	return best
}

// valuesOf returns the values of a name, also where case or signs of it differ.
func valuesOf(pairs []browseract.Input, name string) (values []string) {
	for _, pair := range pairs {
		if pair.Name == name || bareName(pair.Name) == bareName(name) {
			values = append(values, pair.Value)
		}
	}
	return values
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

// readInputs reads the inputs of a task where it is certain how: a list, JSON, or JSON
// in a text. Nil: none are told, or a text k=v;k=v.
func readInputs(told *browseract.TaskInputs) []browseract.Input {
	switch {
	case told == nil:
		return nil
	case len(told.List) > 0:
		return told.List
	}
	return inputsInJSON([]byte(strings.TrimSpace(told.Text)))
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

// pairBegins finds where a pair may begin in a text k=v;k=v, or end: values hold the
// signs too.
var pairBegins = lazyregexp.New(`(?:^|[;,&|\n\s{\[(])\s*["']?([\pL_][\pL\pN_ .-]{0,63}?)["']?\s*(?:=>|:=|[=:])`)

// valuesInText returns what the value of a name may be in a text k=v;k=v: it ends
// before any of the pairs that follow, or with the text.
func valuesInText(told *browseract.TaskInputs, name string) (values []string) {
	if told == nil || len(told.Text) > maxToldText {
		return nil
	}
	text := told.Text
	pairs := pairBegins().FindAllStringSubmatchIndex(text, maxPairs)
	for n, pair := range pairs {
		if !namesInput(text[pair[2]:pair[3]], name) {
			continue
		}
		for _, end := range append(beginsOf(pairs[n+1:min(len(pairs), n+1+maxEnds)]), len(text)) {
			value := strings.Trim(text[pair[1]:max(end, pair[1])], ";,&| \t\n")
			values = append(values, value, strings.Trim(value, `})]"'`))
		}
	}
	return values
}

const (
	// maxToldText and maxPairs bound how long a text is looked through for pairs.
	maxToldText = 64 << 10
	maxPairs    = 64
	// maxEnds bounds before how many of them a value may end.
	maxEnds = 8
)

func beginsOf(pairs [][]int) []int {
	begins := make([]int, len(pairs), len(pairs)+1)
	for n, pair := range pairs {
		begins[n] = pair[0]
	}
	return begins
}

// namesInput reports whether the words before a sign are a name, or end in it.
func namesInput(words, name string) bool {
	return bareName(words) == bareName(name) || strings.HasSuffix(strings.ToLower(words), " "+strings.ToLower(name))
}

// inputNames returns the names that a task's inputs are told under, as far as any can
// be read.
func inputNames(told *browseract.TaskInputs) (names []string) {
	if told == nil {
		return nil
	}
	for _, pair := range readInputs(told) {
		names = append(names, pair.Name)
	}
	if len(names) > 0 || len(told.Text) > maxToldText {
		return names
	}
	for _, pair := range pairBegins().FindAllStringSubmatchIndex(told.Text, maxPairs) {
		names = append(names, told.Text[pair[2]:pair[3]])
	}
	return names
}
