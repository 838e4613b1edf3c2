package browseract

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// unmarshal decodes JSON. What is of another type than expected stays zero: one
// odd member shall not cost the reader the whole reply.
func unmarshal(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v); !isOdd(err) {
		return err
	}
	return nil
}

// isOdd reports whether err tells of JSON that is sound, but not of the type that
// was expected.
func isOdd(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

// An ID names a workflow, a template or a task. Most are decimal numbers of 17 or
// 18 digits, above 2^53, so an ID is never a number here, also where the API
// sends it without quotes.
type ID string

// UnmarshalJSON takes a string, or a number exactly as it is written.
func (id *ID) UnmarshalJSON(raw []byte) error {
	*id = ID(bareText(raw))
	return nil
}

// flexInt is an integer that the API may send as a string or with a fraction.
// What is neither is 0.
type flexInt int64

func (n *flexInt) UnmarshalJSON(raw []byte) error {
	i, _ := integer(bareText(raw))
	*n = flexInt(i)
	return nil
}

// integer reads a number, rounded, and reports whether it was one.
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

// text is a text that is kept as it is. What the API sends instead of one is kept
// as the JSON that it is, null as the empty text.
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

// A Time is an instant of the API. The zero value stands for none, as does any
// form that cannot be read.
type Time struct{ time.Time }

// UnmarshalJSON takes ISO 8601, "2025-10-08 09:54:10" in UTC, and milliseconds since
// 1970, or seconds where these would be a time before the API was.
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

// lastMillis ends the year 9999: later instants cannot be written as ISO 8601.
const lastMillis = 253402300799999

// firstMillis is in 1973: a smaller number counts seconds.
const firstMillis = 1e11

func fromMillis(ms int64) time.Time {
	if 0 < ms && ms < firstMillis {
		ms *= 1000
	}
	if ms <= 0 || ms > lastMillis {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// bareText returns a JSON string without its quotes and the white space around
// it, a number as it is written, and nothing for everything else.
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

// An Input is one input parameter of a run. Names are case-sensitive and values
// are strings, also where they are numbers.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// TaskInputs are the inputs of a task as the API tells them: a list, or one text
// of the form k=v;k=v whose values may hold both signs, so that it cannot be
// split safely.
type TaskInputs struct {
	List []Input
	Text string
}

// UnmarshalJSON takes both forms, and keeps a third as the JSON that it is.
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
