package runs

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

// An inputMatch says how the inputs that the API shows of a task stand to those of a
// start.
type inputMatch int

const (
	// otherInputs are provably others: every name that was sent is there, and one has
	// another value, which is shown whole.
	otherInputs inputMatch = iota
	// unclearInputs may be the same: they are left out, masked, cut or unreadable.
	unclearInputs
	// sameInputs are those that were sent, and perhaps what BrowserAct has filled in.
	sameInputs
)

const (
	// maxShownText and maxPairs bound how long a text is searched for pairs, and maxEnds
	// how many of the pairs after a value may end it.
	maxShownText = 64 << 10 // bytes
	maxPairs     = 64
	maxEnds      = 8
)

// matchInputs compares the inputs that the API shows of a task with those that were sent.
func matchInputs(sent []browseract.Input, shown *browseract.TaskInputs) inputMatch {
	shapes := inputShapes(sent)
	switch {
	case slices.Contains(shapes, shapeOf(shown)), len(sent) > 0 && includes(shown, shapes):
		return sameInputs
	case len(sent) == 0:
		return unclearInputs
	}
	pairs := readInputs(shown)
	result := sameInputs
	for _, in := range sent {
		values := valuesOf(pairs, in.Name)
		if len(values) == 0 {
			values = valuesInText(shown, in.Name)
		}
		if len(values) == 0 {
			return unclearInputs // incomplete
		}
		best := otherInputs
		for _, value := range values {
			best = max(best, matchValues(in.Value, value))
		}
		result = min(result, best)
	}
	return result
}

// valuesOf returns the values of a name, also where its case or signs differ.
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
		if isWordRune(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// readInputs reads the inputs of a task where it is certain how: a list, JSON, or JSON
// in a text. Nil: none are shown, or a text k=v;k=v.
func readInputs(shown *browseract.TaskInputs) []browseract.Input {
	switch {
	case shown == nil:
		return nil
	case len(shown.List) > 0:
		return shown.List
	}
	return inputsInJSON([]byte(strings.TrimSpace(shown.Text)))
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

// pairBegins finds where a pair may begin in a text k=v;k=v, or end: values may have the
// signs too.
var pairBegins = lazyregexp.New(`(?:^|[;,&|\n\s{\[(])\s*["']?([\pL_][\pL\pN_ .-]{0,63}?)["']?\s*(?:=>|:=|[=:])`)

// A textPair is where a pair may be in a text: its name, and where its value begins.
type textPair struct {
	name              string
	begin, valueBegin int
}

// pairsInText finds pairs in a text that is not too long.
func pairsInText(shown *browseract.TaskInputs) (pairs []textPair) {
	if shown == nil || len(shown.Text) > maxShownText {
		return nil
	}
	for _, at := range pairBegins().FindAllStringSubmatchIndex(shown.Text, maxPairs) {
		pairs = append(pairs, textPair{shown.Text[at[2]:at[3]], at[0], at[1]})
	}
	return pairs
}

// valuesInText returns what the value of a name may be in a text k=v;k=v: it ends
// before any of the pairs that follow, or with the text.
func valuesInText(shown *browseract.TaskInputs, name string) (values []string) {
	pairs := pairsInText(shown)
	for n, pair := range pairs {
		if !namesInput(pair.name, name) {
			continue
		}
		ends := []int{len(shown.Text)}
		for _, next := range pairs[n+1 : min(len(pairs), n+1+maxEnds)] {
			ends = append(ends, next.begin)
		}
		for _, end := range ends {
			value := strings.Trim(shown.Text[pair.valueBegin:max(end, pair.valueBegin)], ";,&| \t\n")
			values = append(values, value, strings.Trim(value, `})]"'`))
		}
	}
	return values
}

// namesInput reports whether the words before a sign are a name, or end in it.
func namesInput(words, name string) bool {
	return bareName(words) == bareName(name) || strings.HasSuffix(strings.ToLower(words), " "+strings.ToLower(name))
}

// inputNames returns the names under which a task's inputs are shown, as far as any can
// be read.
func inputNames(shown *browseract.TaskInputs) (names []string) {
	for _, pair := range readInputs(shown) {
		names = append(names, pair.Name)
	}
	if len(names) == 0 {
		for _, pair := range pairsInText(shown) {
			names = append(names, pair.name)
		}
	}
	return names
}
