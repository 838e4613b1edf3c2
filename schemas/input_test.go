package schemas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/google/go-cmp/cmp"
)

// arguments has an argument of every type.
type arguments struct {
	TaskID schemas.ID      `json:"task_id" jsonschema_description:"Id of a task, as list_tasks <returns> it."`
	Status string          `json:"status,omitempty" jsonschema:"enum=created,enum=running"`
	Limit  int             `json:"limit,omitempty" jsonschema:"minimum=1,maximum=100,default=20"`
	Count  int8            `json:"count,omitempty"`
	Ratio  float64         `json:"ratio,omitempty"`
	Steps  bool            `json:"steps,omitempty"`
	Query  string          `json:"query,omitempty" jsonschema:"minLength=2,maxLength=40"`
	Text   string          `json:"text,omitempty"`
	Fields []string        `json:"fields,omitempty" jsonschema:"maxItems=3"`
	IDs    []schemas.ID    `json:"ids,omitempty"`
	Inputs schemas.Inputs  `json:"inputs,omitempty"`
	Filter *filter         `json:"filter,omitempty"`
	Parts  []filter        `json:"parts,omitempty"`
	Extra  json.RawMessage `json:"extra,omitempty"`
	Map    map[string]any  `json:"map,omitempty"`
	From   schemas.Time    `json:"created_from,omitzero"`
}

type filter struct {
	Min  int    `json:"min" jsonschema:"minimum=1"`
	Word string `json:"word,omitempty"`
}

func TestSchemaIsStrictAndInTheStructsOrder(t *testing.T) {
	t.Parallel()
	want := strings.Join([]string{
		`{"type":"object","properties":{`,
		`"task_id":{"type":"string","description":"Id of a task, as list_tasks <returns> it.","minLength":1,"maxLength":128},`,
		`"status":{"type":"string","enum":["created","running"]},`,
		`"limit":{"type":"integer","default":20,"minimum":1,"maximum":100},`,
		`"count":{"type":"integer"},`,
		`"ratio":{"type":"number"},`,
		`"steps":{"type":"boolean"},`,
		`"query":{"type":"string","minLength":2,"maxLength":40},`,
		`"text":{"type":"string"},`,
		`"fields":{"type":"array","maxItems":3,"items":{"type":"string"}},`,
		`"ids":{"type":"array","items":{"type":"string","minLength":1,"maxLength":128}},`,
		`"inputs":{"type":"object","properties":{},"additionalProperties":true},`,
		`"filter":{"type":"object","properties":{"min":{"type":"integer","minimum":1},"word":{"type":"string"}},"required":["min"],"additionalProperties":false},`,
		`"parts":{"type":"array","items":{"type":"object","properties":{"min":{"type":"integer","minimum":1},"word":{"type":"string"}},"required":["min"],"additionalProperties":false}},`,
		`"extra":{"type":"object","properties":{},"additionalProperties":true},`,
		`"map":{"type":"object","properties":{},"additionalProperties":true},`,
		`"created_from":{"type":"string"}`,
		`},"required":["task_id"],"additionalProperties":false}`,
	}, "")
	input := schemas.NewInput[arguments]()
	if diff := cmp.Diff(want, string(input.Schema())); diff != "" {
		t.Error(diff)
	}
	if found := hygiene.Input(input.Schema()); len(found) > 0 {
		t.Errorf("not portable: %q", found)
	}
}

func TestNamesAreInTheStructsOrder(t *testing.T) {
	t.Parallel()
	want := []string{
		"task_id", "status", "limit", "count", "ratio", "steps", "query", "text", "fields",
		"ids", "inputs", "filter", "parts", "extra", "map", "created_from",
	}
	if diff := cmp.Diff(want, schemas.NewInput[arguments]().Names()); diff != "" {
		t.Error(diff)
	}
}

func TestToolWithoutArgumentsHasProperties(t *testing.T) {
	t.Parallel()
	input := schemas.NewInput[struct{}]()
	want := `{"type":"object","properties":{},"additionalProperties":false}`
	if got := string(input.Schema()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// correct is the end of each error.
const correct = "Correct this and call the tool again."

// TestMangledArgumentsAreCorrected lists what is sent beside task_id and what the
// handler then gets, both as JSON.
func TestMangledArgumentsAreCorrected(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sent, got string }{
		{"nothing", ``, `"limit":20`},
		{"a null", `"limit":null`, `"limit":20`},
		{"an empty string", `"limit":""`, `"limit":20`},
		{"a blank string", `"query":" \t\n"`, `"limit":20`},
		{"the word null", `"query":"null"`, `"limit":20`},
		{"the word null with space", `"fields":" Null "`, `"limit":20`},
		{"null in a list", `"fields":["null"]`, `"limit":20`},
		{"a real null in a list", `"query":[null]`, `"limit":20`},
		{"null in a list in a string", `"fields":"[\"null\"]"`, `"limit":20`},
		{"null as an object", `"filter":"null","inputs":"","created_from":"null"`, `"limit":20`},
		{"the word null in a longer list", `"fields":["null","a"]`, `"limit":20,"fields":["null","a"]`},

		{"a number as a string", `"limit":" 42 "`, `"limit":42`},
		{"a number with a fraction of zero", `"limit":42.0`, `"limit":42`},
		{"both", `"limit":"42.00"`, `"limit":42`},
		{"an exponent", `"limit":4.2e1`, `"limit":42`},
		{"a number below zero", `"count":"-7.0"`, `"limit":20,"count":-7`},
		{"a fraction as a string", `"ratio":"0.25"`, `"limit":20,"ratio":0.25`},
		{"booleans as strings", `"steps":"true"`, `"limit":20,"steps":true`},
		{"Python's booleans", `"steps":"True"`, `"limit":20,"steps":true`},
		{"an enum's case", `"status":" RUNNING "`, `"status":"running","limit":20`},
		{"an id that is a number", `"ids":[9007199254740992, 7.0]`, `"limit":20,"ids":["9007199254740992","7"]`},
		{"space around an id", `"ids":["\n a-B_9 "]`, `"limit":20,"ids":["a-B_9"]`},

		{"a list in a string", `"fields":"[\"a\",\"b\"]"`, `"limit":20,"fields":["a","b"]`},
		{"one value for a list", `"fields":"a"`, `"limit":20,"fields":["a"]`},
		{"one number for a list of ids", `"ids":5`, `"limit":20,"ids":["5"]`},
		{"a comma in a name", `"fields":"Surname, first name"`, `"limit":20,"fields":["Surname, first name"]`},
		{"an object in a string", `"filter":"{\"min\":\"3\"}"`, `"limit":20,"filter":{"min":3}`},
		{"objects in strings in a list", `"parts":["{\"min\":1}",{"min":"2"}]`, `"limit":20,"parts":[{"min":1},{"min":2}]`},
		{"a free object in a string", `"extra":"{\"a\":[null]}"`, `"limit":20,"extra":{"a":[null]}`},
		{"numbers in a free object", `"map":{"a":1e400,"b":123456789012345678}`, `"limit":20,"map":{"a":1e400,"b":123456789012345678}`},

		{"a date", `"created_from":"2026-01-31"`, `"limit":20,"created_from":"2026-01-31"`},
		{"a time in another zone", `"created_from":"2026-01-31T08:00:00+08:00"`, `"limit":20,"created_from":"2026-01-31T00:00:00Z"`},
		{"text with space around it", `"text":" a\n"`, `"limit":20,"text":" a\n"`},
		{"a pair of escapes", `"text":"\ud83d\ude00 \\ud83d"`, `"limit":20,"text":"😀 \\ud83d"`},
		{"the replacement character itself", `"text":"� \\ud83d"`, `"limit":20,"text":"� \\ud83d"`},
		{"brackets that are text", `"text":"\"` + strings.Repeat("[", 99) + `"`, `"limit":20,"text":"\"` + strings.Repeat("[", 99) + `"`},
	}
	input := schemas.NewInput[arguments]()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args, err := input.Decode(object(test.sent))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(object(test.got)), marshal(t, args)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// object returns members after the id that is always needed.
func object(members string) json.RawMessage {
	return json.RawMessage(strings.Replace(`{"task_id":"t",`+members+`}`, ",}", "}", 1))
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func TestRequiredArgumentsAreMissedInEverySpellingOfNone(t *testing.T) {
	t.Parallel()
	input := schemas.NewInput[arguments]()
	for _, sent := range []string{
		``, ` `, `null`, `""`, `"null"`, `{}`, `"{}"`, `{"task_id":null}`, `{"task_id":""}`, `{"task_id":" "}`,
		`{"task_id":"null"}`, `{"task_id":["null"]}`, `"{\"task_id\":\"\"}"`,
	} {
		_, err := input.Decode(json.RawMessage(sent))
		if got := argumentNames(t, err); !slices.Equal(got, []string{"task_id"}) {
			t.Errorf("%s: got errors of %q, want one of task_id", sent, got)
		}
	}
}

func TestArgumentsMayBeAnObjectInAString(t *testing.T) {
	t.Parallel()
	args, err := schemas.NewInput[arguments]().Decode(json.RawMessage(`"{\"task_id\":\"t\",\"limit\":5}"`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := marshal(t, args), `{"task_id":"t","limit":5}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestErrorsNameTheArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sent string
		want []string
	}{
		{`[]`, []string{""}},
		{`{"limit":0,"ids":true}`, []string{"task_id", "limit", "ids"}},
		{`{"task_id":1.5,"foo":1,"bar":1,"filter":{"x":1}}`, []string{"bar", "task_id", "filter", "filter"}},
		{`{"task_id":"t","count":128}`, []string{"count"}},
		{`{"task_id":"t","filter":{"min":9223372036854775808}}`, []string{"filter"}},
	}
	for _, test := range tests {
		_, err := schemas.NewInput[arguments]().Decode(json.RawMessage(test.sent))
		if diff := cmp.Diff(test.want, argumentNames(t, err)); diff != "" {
			t.Errorf("%s: %s", test.sent, diff)
		}
	}
}

// argumentNames returns the names of the arguments that err, an ArgumentError, names.
func argumentNames(t *testing.T, err error) []string {
	t.Helper()
	var invalid *schemas.ArgumentError
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want an ArgumentError", err)
	}
	var names []string
	for _, argument := range invalid.Arguments {
		names = append(names, argument.Name)
	}
	return names
}

// A model pays for each character of an error, and a hostile one could make it
// expensive.
func TestErrorsStayShort(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`"x\u0000":1,`, 10_000)
	var names strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&names, `"limit%d":{},`, i)
	}
	input := schemas.NewInput[arguments]()
	for _, sent := range []string{
		many, names.String(),
		`"` + strings.Repeat("é", 1<<17) + `":1`,
		`"ids":[` + strings.Repeat(`"\u0000",`, 900) + `1]`,
		`"text":` + strings.Repeat("9", 1<<18),
		`"fields":[` + strings.Repeat("1,", 900) + `1]`,
		`"fields":"` + strings.Repeat(`[\"`, 1<<18) + `"`,
		`"inputs":{` + strings.TrimSuffix(names.String(), ",") + `}`,
		`"inputs":"` + strings.Repeat("[", 1<<18) + `"`,
		`"limit":"` + strings.Repeat("1", 1<<18) + `"`,
		`"limit":` + strings.Repeat("1", 1<<18),
		`"limit":0.` + strings.Repeat("0", 1<<18) + "1",
	} {
		_, err := input.Decode(object(strings.TrimSuffix(sent, ",")))
		if got := fmt.Sprint(err); err == nil || len(got) > 2000 {
			t.Errorf("%.40s: %d bytes: %.100s", sent, len(got), got)
		}
	}
}

func TestFirstUseMayBeConcurrent(t *testing.T) {
	t.Parallel()
	input := schemas.NewInput[arguments]()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := input.Decode(object(``)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
