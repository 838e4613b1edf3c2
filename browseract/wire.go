package browseract

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// unmarshal decodes JSON. A value of an unexpected type stays zero, so that one odd
// member does not cost the whole reply.
func unmarshal(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v); !isTypeError(err) {
		return err
	}
	return nil
}

// isTypeError reports whether the JSON was valid but had a value of another type.
func isTypeError(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

// An ID identifies a workflow, a template or a task. Most are decimal numbers of 17
// or 18 digits, above 2^53: an ID is never converted to a number, even if the API
// sends it without quotes.
type ID string

// UnmarshalJSON accepts a string, and a number exactly as it is written.
func (id *ID) UnmarshalJSON(raw []byte) error {
	*id = ID(bareText(raw))
	return nil
}

// flexInt is an integer that the API may send as a string or with a fraction. Other
// values are 0.
type flexInt int64

func (n *flexInt) UnmarshalJSON(raw []byte) error {
	i, _ := integer(bareText(raw))
	*n = flexInt(i)
	return nil
}

// integer parses a number, rounds it, and reports whether it was one.
func integer(s string) (int64, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < math.MaxInt64) {
		return 0, false
	}
	return int64(math.Round(f)), true
}

// text is a string. Any other value is kept as its JSON, and null as the empty text.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case 'n':
		*t = ""
	case '"':
		return json.Unmarshal(raw, (*string)(t))
	default:
		*t = text(raw)
	}
	return nil
}

// A Time is an instant of the API. The zero value means none, or a form that cannot
// be read.
type Time struct{ time.Time }

// UnmarshalJSON accepts ISO 8601, "2025-10-08 09:54:10" in UTC, and milliseconds
// since 1970, or seconds if the number is too small for milliseconds.
func (t *Time) UnmarshalJSON(raw []byte) error {
	text := bareText(raw)
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		t.Time = fromMillis(ms)
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	t.Time = time.Time{}
	return nil
}

const (
	minMillis = 1e11            // in 1973: a smaller number counts seconds
	maxMillis = 253402300799999 // the year 9999: ISO 8601 cannot write later instants
)

func fromMillis(ms int64) time.Time {
	if 0 < ms && ms < minMillis {
		ms *= 1000
	}
	if ms <= 0 || ms > maxMillis {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// bareText returns a JSON string without quotes and surrounding white space, a number
// as it is written, and nothing for any other value.
func bareText(raw []byte) string {
	switch raw[0] {
	case '"':
		var s string
		_ = json.Unmarshal(raw, &s) // the decoder that calls this has validated raw
		return strings.TrimSpace(s)
	case 'n', 't', 'f', '{', '[':
		return ""
	}
	return string(raw)
}

// An Input is an input parameter of a run. Names are case-sensitive, and values are
// strings, numbers included.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// TaskInputs are the inputs of a task as the API sends them: a list, or a text of the
// form k=v;k=v that cannot be split safely, since values may hold both signs.
type TaskInputs struct {
	List []Input
	Text string
}

// UnmarshalJSON accepts both forms, and keeps any other as JSON text.
func (in *TaskInputs) UnmarshalJSON(raw []byte) error {
	var list []struct{ Name, Value text }
	*in = TaskInputs{}
	if raw[0] != '[' {
		return (*text)(&in.Text).UnmarshalJSON(raw)
	}
	err := unmarshal(raw, &list)
	for _, item := range list {
		in.List = append(in.List, Input{string(item.Name), string(item.Value)})
	}
	return err
}
