package browseract

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// An ID names a workflow, a template or a task. Most are decimal numbers of 17 or
// 18 digits, above 2^53, so an ID is never a number here, also where the API
// sends it without quotes.
type ID string

// UnmarshalJSON takes a string, or a number exactly as it is written.
func (id *ID) UnmarshalJSON(raw []byte) error {
	*id = ID(bareText(raw))
	return nil
}

// flexInt is an integer that the API may send as a string. What is neither is 0:
// one odd member shall not cost the reader the whole reply.
type flexInt int64

func (n *flexInt) UnmarshalJSON(raw []byte) error {
	f, _ := strconv.ParseFloat(bareText(raw), 64)
	if i, err := strconv.ParseInt(bareText(raw), 10, 64); err == nil {
		*n = flexInt(i)
		return nil
	}
	*n = flexInt(f)
	return nil
}

// A Time is an instant of the API. The zero value stands for none, as does any
// form that cannot be read.
type Time struct{ time.Time }

// UnmarshalJSON takes ISO 8601, "2025-10-08 09:54:10" in UTC, and milliseconds
// since 1970.
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

func fromMillis(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// bareText returns a JSON scalar's text: a string without its quotes, a number as
// it is written, nothing for null, objects and arrays.
func bareText(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || raw[0] == 'n' || raw[0] == '{' || raw[0] == '[':
		return ""
	case raw[0] != '"':
		return string(raw)
	}
	var s string
	_ = json.Unmarshal(raw, &s) // the decoder that calls this has validated raw
	return strings.TrimSpace(s)
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

// UnmarshalJSON takes both forms.
func (in *TaskInputs) UnmarshalJSON(raw []byte) error {
	*in = TaskInputs{}
	if len(raw) > 0 && raw[0] == '[' {
		var list []struct {
			Name  ID `json:"name"`
			Value ID `json:"value"`
		}
		if json.Unmarshal(raw, &list) == nil {
			for _, item := range list {
				in.List = append(in.List, Input{string(item.Name), string(item.Value)})
			}
		}
		return nil
	}
	in.Text = bareText(raw)
	return nil
}
