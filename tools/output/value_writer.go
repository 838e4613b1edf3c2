package output

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// maxExact is the limit up to which a float64 holds every whole number.
const maxExact = 1 << 53

var (
	errLargeResults = errors.New("the program gave results of more than 32 MB; select less, or use limit")
	errDeepResult   = errors.New("the program gave a value that nests deeper than outputs can; flatten it")
)

// keyOrder orders the keys of objects as the program names them, then as the output.
type keyOrder map[string]int

func (o keyOrder) add(key string) {
	if _, ok := o[key]; !ok {
		o[key] = len(o)
	}
}

func (o keyOrder) of(object map[string]any) []string {
	return slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.rank(a), o.rank(b)), cmp.Compare(a, b))
	})
}

func (o keyOrder) rank(key string) int {
	if rank, ok := o[key]; ok {
		return rank
	}
	return len(o)
}

// valueWriter writes results as JSON, which can be far longer than in memory.
type valueWriter struct {
	keys    keyOrder
	json    strings.Builder
	err     error // the first; nothing more is written
	results int
	array   bool // the first result is one
	floats  bool // some numbers are floats
	inexact bool // some floats are beyond maxExact
	lost    bool // some floats are not finite
}

// result writes one more result.
func (w *valueWriter) result(v any) error {
	_, isArray := v.([]any)
	if w.results == 0 {
		w.array = isArray
	} else {
		w.json.WriteString(",\n")
	}
	w.results++
	w.value(v, 1)
	return w.err
}

// text is an array of JSON of all results.
func (w *valueWriter) text() string {
	if w.single() {
		return w.json.String()
	}
	return "[" + w.json.String() + "]"
}

func (w *valueWriter) single() bool { return w.results == 1 && w.array }

// value writes v unless there is an error. One level is left for outer brackets.
func (w *valueWriter) value(v any, depth int) {
	if depth >= maxNesting {
		w.fail(errDeepResult)
	}
	if w.json.Len() > maxSelected {
		w.fail(errLargeResults)
	}
	if w.err != nil {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		w.object(v, depth+1)
	case []any:
		w.list(v, depth+1)
	case string:
		w.str(v)
	case json.Number:
		w.json.WriteString(string(v))
	case int:
		w.json.WriteString(strconv.Itoa(v))
	case float64:
		w.float(v)
	case nil:
		w.json.WriteString("null")
	default: // *big.Int, bool
		fmt.Fprint(&w.json, v)
	}
}

// fail records the first error.
func (w *valueWriter) fail(err error) { w.err = cmp.Or(w.err, err) }

func (w *valueWriter) object(object map[string]any, depth int) {
	w.json.WriteByte('{')
	for i, key := range w.keys.of(object) {
		if i > 0 {
			w.json.WriteByte(',')
		}
		w.str(key)
		w.json.WriteByte(':')
		w.value(object[key], depth)
	}
	w.json.WriteByte('}')
}

func (w *valueWriter) list(list []any, depth int) {
	w.json.WriteByte('[')
	for i, element := range list {
		if i > 0 {
			w.json.WriteByte(',')
			if depth == 2 && w.results == 1 {
				w.json.WriteByte('\n') // it may be a row
			}
		}
		w.value(element, depth)
	}
	w.json.WriteByte(']')
}

func (w *valueWriter) str(text string) {
	if len(text) > maxSelected {
		w.fail(errLargeResults)
	}
	if w.err == nil {
		w.json.WriteString(quote(sanitize.Invisible(text)))
	}
}

func (w *valueWriter) float(f float64) {
	w.floats = true
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.lost = true
		w.json.WriteString("null")
		return
	}
	w.inexact = w.inexact || math.Abs(f) >= maxExact
	text, _ := json.Marshal(f) // finite
	w.json.Write(text)
}

// warnings are for readers of the results; longNumbers were in the output.
func (w *valueWriter) warnings(longNumbers bool) (sentences []string) {
	if w.single() {
		sentences = append(sentences, "The program gave one array; its elements are the rows.")
	}
	if w.results == 0 {
		sentences = append(sentences, "The program gave no results.")
	}
	if w.inexact || w.floats && longNumbers {
		sentences = append(sentences, "Numbers were calculated as 64-bit floats, which keep 15 digits: large or long ones may be inexact.")
	}
	if w.lost {
		sentences = append(sentences, "Results that are infinite or not a number became null.")
	}
	return sentences
}
