package jq

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/itchyny/gojq"
)

const (
	// maxDepth is how deep values may nest, and how long a path may be: gojq goes
	// down by recursion.
	maxDepth = 10_000
	// bytesPerWeight is how many bytes of text weigh as much as a value.
	bytesPerWeight = 32
	// maxString is the most bytes of a text that is made of others.
	maxString = maxLoad * bytesPerWeight
	// maxEntries is the most entries of an array or object that is made of others.
	maxEntries = 4 << 20
	// maxPairs is how many comparisons one step may make.
	maxPairs = 20 << 20
	// maxBits is the most bits of a product.
	maxBits = 1 << 16
)

// weights are the functions by which guards.jq weighs operands. They return their
// input, or an error that ends the program.
func weights(m *meter) []gojq.CompilerOption {
	var options []gojq.CompilerOption
	for _, w := range []struct {
		name  string
		arity int
		weigh func(v any, args []any) error
	}{
		{"_weigh", 0, func(v any, _ []any) error { return m.weigh(v) }},
		{"_weigh_compare", 2, func(_ any, args []any) error { return m.weighCompare(args[0], args[1]) }},
		{"_weigh_pairs", 2, func(_ any, args []any) error { return m.weighPairs(args[0], args[1]) }},
		{"_weigh_search", 1, func(v any, args []any) error { return m.weighSearch(v, args[0]) }},
		{"_weigh_add", 2, func(_ any, args []any) error { return m.weighSum(args, "") }},
		{"_weigh_sum", 1, func(v any, args []any) error { return m.weighSum(elements(v), args[0]) }},
		{"_weigh_multiply", 2, func(_ any, args []any) error { return m.weighMultiply(args[0], args[1]) }},
		{"_weigh_split", 2, func(_ any, args []any) error { return m.weighSplit(args[0], args[1]) }},
		{"_weigh_transpose", 0, func(v any, _ []any) error { return m.weighTranspose(v) }},
		{"_weigh_text", 1, func(v any, args []any) error { return m.weighText(v, args[0]) }},
		{"_weigh_path", 1, func(_ any, args []any) error { return m.weighPath(args[0]) }},
		{"_weigh_index", 0, func(v any, _ []any) error { return m.weighIndex(v) }},
		{"_weigh_match", 2, func(v any, args []any) error { return m.weighMatch(v, args[0], args[1]) }},
		{"_refuse", 1, func(_ any, args []any) error { return m.stop(fmt.Errorf("%v is not offered; leave it out", args[0])) }},
	} {
		options = append(options, gojq.WithFunction(w.name, w.arity, w.arity, func(v any, args []any) any {
			if err := w.weigh(v, args); err != nil {
				return err
			}
			return v
		}))
	}
	return options
}

// allow ends the program unless a step is small enough.
func (m *meter) allow(small bool) error {
	if !small {
		return m.stop(errSize)
	}
	return nil
}

// weigh loads a whole value: as often as it holds another, it weighs that again.
func (m *meter) weigh(v any) error { return m.load(weightOf(v)) }

// weightOf returns what a value weighs, more than maxLoad where that is too much or
// the value nests too deep.
func weightOf(v any) int {
	s := scale{left: maxLoad}
	if !s.put(v, 0) {
		return maxLoad + 1
	}
	return maxLoad - s.left
}

type scale struct{ left int }

func (s *scale) put(v any, depth int) bool {
	s.left--
	switch v := v.(type) {
	case string:
		s.left -= len(v) / bytesPerWeight
	case []any:
		for _, element := range v {
			if !s.put(element, depth+1) {
				return false
			}
		}
	case map[string]any:
		for key, member := range v {
			s.left -= len(key) / bytesPerWeight
			if !s.put(member, depth+1) {
				return false
			}
		}
	}
	return s.left >= 0 && depth <= maxDepth
}

func nests(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// weighCompare is quick where a side does not nest: nothing of the other is looked at.
func (m *meter) weighCompare(l, r any) error {
	if !nests(l) || !nests(r) {
		return nil
	}
	return m.load(weightOf(l) + weightOf(r))
}

func (m *meter) weighPairs(l, r any) error {
	if !nests(l) || !nests(r) {
		return nil
	}
	return m.allow(product(weightOf(l), weightOf(r)) <= maxPairs)
}

func (m *meter) weighSearch(v, x any) error {
	text, isText := v.(string)
	sought, seeksText := x.(string)
	if !isText || !seeksText {
		return m.allow(product(weightOf(v), weightOf(x)) <= maxPairs)
	}
	return m.allow(len(text) <= maxLoad && product(len(text), len(sought)) <= maxPairs)
}

func product(a, b int) int {
	if a > 0 && b > math.MaxInt/a {
		return math.MaxInt
	}
	return a * b
}

func elements(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		list := make([]any, 0, len(v))
		for _, member := range v {
			list = append(list, member)
		}
		return list
	}
	return nil
}

// weighSum allows for all of values put together, with a text between them.
func (m *meter) weighSum(values []any, between any) error {
	separator, _ := between.(string)
	bytes, entries := product(len(values), len(separator)), 0
	for _, v := range values {
		switch v := v.(type) {
		case string:
			bytes += len(v)
		case []any:
			entries += len(v)
		case map[string]any:
			entries += len(v)
		}
	}
	return m.allow(bytes <= maxString && entries <= maxEntries)
}

func (m *meter) weighMultiply(l, r any) error {
	if text, ok := l.(string); ok {
		return m.weighRepeat(text, r)
	}
	if text, ok := r.(string); ok {
		return m.weighRepeat(text, l)
	}
	if nests(l) && nests(r) {
		return m.load(weightOf(l) + weightOf(r))
	}
	return m.allow(bits(l)+bits(r) <= maxBits)
}

func (m *meter) weighRepeat(text string, times any) error {
	n, ok := gojq.ToFloat64(times)
	return m.allow(!ok || !(n*float64(len(text)) > maxString))
}

// bits returns about how many bits a number has, as an integer.
func bits(v any) int {
	switch v := v.(type) {
	case *big.Int:
		return v.BitLen()
	case json.Number:
		return 4 * len(v)
	}
	return 64
}

func (m *meter) weighSplit(v, by any) error {
	text, isText := v.(string)
	separator, ok := by.(string)
	return m.allow(!isText || !ok || strings.Count(text, separator) <= maxLoad)
}

func (m *meter) weighTranspose(v any) error {
	longest := 0
	rows := elements(v)
	for _, row := range rows {
		if row, ok := row.([]any); ok {
			longest = max(longest, len(row))
		}
	}
	return m.allow(product(longest, len(rows)) <= maxEntries)
}

func (m *meter) weighText(v, most any) error {
	text, _ := v.(string)
	limit, _ := gojq.ToInt(most)
	return m.allow(len(text) <= limit)
}

// weighPath allows for a path that gojq can go down, and for indices that do not
// make an array huge. What is no path is left to gojq to refuse.
func (m *meter) weighPath(v any) error {
	path, _ := v.([]any)
	if err := m.allow(len(path) <= maxDepth); err != nil {
		return err
	}
	for _, step := range path {
		i, isNumber := gojq.ToInt(step)
		if err := m.allow(!isNumber || i <= maxLoad); err != nil {
			return err
		}
		if err := m.weighIndex(step); err != nil {
			return err
		}
	}
	return nil
}

// weighIndex refuses an array as an index, which stands for the places where it occurs.
func (m *meter) weighIndex(v any) error {
	if _, ok := v.([]any); ok {
		return m.stop(fmt.Errorf("an array is no index here; use indices"))
	}
	return nil
}
