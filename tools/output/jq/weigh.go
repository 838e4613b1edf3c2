package jq

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

const (
	maxDepth       = 10_000   // of values, and the length of a path: gojq recurses
	bytesPerWeight = 32       // of text that weigh as much as a value
	maxEntries     = 4 << 20  // of an array or object that is made of others
	maxPairs       = 20 << 20 // comparisons in one step
	maxBits        = 1 << 16  // of a product
	// maxString is the length limit of a text that is made of others, in bytes.
	maxString = maxStepWeight * bytesPerWeight
)

// functions are called by guards.jq. They return their input, or an error that ends all.
func (m *meter) functions() []gojq.CompilerOption {
	var options []gojq.CompilerOption
	for _, f := range []struct {
		name  string
		arity int
		weigh func(v any, args []any) error
	}{
		{"_weigh", 0, func(v any, _ []any) error { return m.load(weight(v)) }},
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
		{"_refuse", 1, func(_ any, args []any) error { return m.stop(fmt.Errorf("%v is not available; leave it out", args[0])) }},
	} {
		options = append(options, gojq.WithFunction(f.name, f.arity, f.arity, func(v any, args []any) any {
			if err := f.weigh(v, args); err != nil {
				return err
			}
			return v
		}))
	}
	return options
}

// weight is one for a value and each value in it, as often as it stands there, and more for
// long texts. It is above maxStepWeight where the value is too large or too deep.
func weight(v any) int {
	left := maxStepWeight
	if !subtract(&left, v, 0) {
		return maxStepWeight + 1
	}
	return maxStepWeight - left
}

func subtract(left *int, v any, depth int) bool {
	*left--
	switch v := v.(type) {
	case string:
		*left -= len(v) / bytesPerWeight
	case []any:
		for _, element := range v {
			if !subtract(left, element, depth+1) {
				return false
			}
		}
	case map[string]any:
		for key, member := range v {
			*left -= len(key) / bytesPerWeight
			if !subtract(left, member, depth+1) {
				return false
			}
		}
	}
	return *left >= 0 && depth <= maxDepth
}

// nest reports whether both values are arrays or objects, so that gojq looks inside.
func nest(l, r any) bool {
	for _, v := range []any{l, r} {
		switch v.(type) {
		case []any, map[string]any:
		default:
			return false
		}
	}
	return true
}

func (m *meter) weighCompare(l, r any) error {
	if !nest(l, r) {
		return nil
	}
	return m.load(weight(l) + weight(r))
}

func (m *meter) weighPairs(l, r any) error {
	if !nest(l, r) {
		return nil
	}
	return m.allow(product(weight(l), weight(r)) <= maxPairs)
}

func (m *meter) weighSearch(v, x any) error {
	text, isText := v.(string)
	sought, seeksText := x.(string)
	if !isText || !seeksText {
		return m.allow(product(weight(v), weight(x)) <= maxPairs)
	}
	return m.allow(len(text) <= maxStepWeight && product(len(text), len(sought)) <= maxPairs)
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
		return slices.Collect(maps.Values(v))
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
	if _, ok := r.(string); ok {
		l, r = r, l
	}
	if text, ok := l.(string); ok {
		times, isNumber := gojq.ToFloat64(r)
		return m.allow(!isNumber || !(times*float64(len(text)) > maxString)) // NaN is allowed
	}
	if nest(l, r) {
		return m.load(weight(l) + weight(r))
	}
	return m.allow(bits(l)+bits(r) <= maxBits)
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
	return m.allow(!isText || !ok || strings.Count(text, separator) <= maxStepWeight)
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

func (m *meter) weighText(v, limit any) error {
	text, _ := v.(string)
	bytes, _ := gojq.ToInt(limit)
	return m.allow(len(text) <= bytes)
}

// weighPath allows for a path that gojq can recurse into, and for indices that do not
// make an array huge. What is no path is left to gojq to refuse.
func (m *meter) weighPath(v any) error {
	path, _ := v.([]any)
	if err := m.allow(len(path) <= maxDepth); err != nil {
		return err
	}
	for _, step := range path {
		i, isNumber := gojq.ToInt(step)
		if err := m.allow(!isNumber || i <= maxStepWeight); err != nil {
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
		return m.stop(errors.New("an array cannot be an index here; use indices"))
	}
	return nil
}
