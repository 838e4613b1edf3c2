package schemas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/google/go-cmp/cmp"
)

// arguments has an argument of every sort.
type arguments struct {
	TaskID schemas.ID      `json:"task_id" jsonschema_description:"Id of a task, as list_tasks <tells> it."`
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
	Least int    `json:"least" jsonschema:"minimum=1"`
	Word  string `json:"word,omitempty"`
}

func TestSchemaIsStrictInlineAndInTheStructsOrder(t *testing.T) {
	t.Parallel()
	want := strings.Join([]string{
		`{"type":"object","properties":{`,
		`"task_id":{"type":"string","description":"Id of a task, as list_tasks <tells> it.","minLength":1,"maxLength":128},`,
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
		`"filter":{"type":"object","properties":{"least":{"type":"integer","minimum":1},"word":{"type":"string"}},"required":["least"],"additionalProperties":false},`,
		`"parts":{"type":"array","items":{"type":"object","properties":{"least":{"type":"integer","minimum":1},"word":{"type":"string"}},"required":["least"],"additionalProperties":false}},`,
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
		t.Errorf("not sound: %q", found)
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

func TestAToolWithoutArgumentsStillHasProperties(t *testing.T) {
	t.Parallel()
	input := schemas.NewInput[struct{}]()
	want := `{"type":"object","properties":{},"additionalProperties":false}`
	if got := string(input.Schema()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, err := input.Decode(json.RawMessage(`{"page":1}`))
	if got, want := fmt.Sprint(err), `"page" is not an argument of this tool. The tool takes no arguments. `+correct; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// correct is how every message ends.
const correct = "Correct this and call the tool again."

// TestMangledArgumentsArePutRight lists what is sent beside task_id and what the
// handler then gets, both as JSON.
func TestMangledArgumentsArePutRight(t *testing.T) {
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
		{"a comma that is part of a name", `"fields":"Surname, first name"`, `"limit":20,"fields":["Surname, first name"]`},
		{"an object in a string", `"filter":"{\"least\":\"3\"}"`, `"limit":20,"filter":{"least":3}`},
		{"objects in strings in a list", `"parts":["{\"least\":1}",{"least":"2"}]`, `"limit":20,"parts":[{"least":1},{"least":2}]`},
		{"a free object in a string", `"extra":"{\"a\":[null]}"`, `"limit":20,"extra":{"a":[null]}`},
		{"numbers in a free object", `"map":{"a":1e400,"b":123456789012345678}`, `"limit":20,"map":{"a":1e400,"b":123456789012345678}`},

		{"a date", `"created_from":"2026-01-31"`, `"limit":20,"created_from":"2026-01-31"`},
		{"a time in another zone", `"created_from":"2026-01-31T08:00:00+08:00"`, `"limit":20,"created_from":"2026-01-31T00:00:00Z"`},
		{"text is not trimmed", `"text":" a\n"`, `"limit":20,"text":" a\n"`},
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

func TestWrongArgumentsAreExplained(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	tests := []struct{ name, sent, message string }{
		{"an unknown argument", `"foo":1`, `"foo" is not an argument of this tool. ` + valid},
		{"an unknown one that is null", `"foo":null`, `"foo" is not an argument of this tool. ` + valid},
		{"a misspelt argument", `"Created-From":"2026-01-31"`, `"Created-From" is not an argument of this tool; did you mean created_from? ` + valid},
		{"two unknown", `"fo\u0000":1,"limits":1`, `"fo\u0000" is not an argument of this tool. "limits" is not an argument of this tool; did you mean limit? ` + valid},
		{"many unknown", `"u":1,"v":1,"w":1,"x":1,"y":1,"z":1`, strings.Join([]string{
			`"u" is not an argument of this tool.`, `"v" is not an argument of this tool.`, `"w" is not an argument of this tool.`,
			`"x" is not an argument of this tool.`, `"y" is not an argument of this tool.`, `Nor are 1 more.`, valid,
		}, " ")},
		{"an argument twice", `"limit":5,"limit":6`, `"limit" is given twice; send it once.`},

		{"a word for a number", `"limit":"abc"`, `limit must be a whole number; "abc" was sent.`},
		{"a fraction", `"limit":1.5`, `limit must be a whole number; 1.5 was sent.`},
		{"a list for a number", `"limit":[]`, `limit must be a whole number; [] was sent.`},
		{"too small", `"limit":0`, `limit must be at least 1; 0 was sent.`},
		{"too large", `"limit":"101"`, `limit must be at most 100; "101" was sent.`},
		{"far too large", `"limit":1e30`, `limit must be at most 100; 1e30 was sent.`},
		{"too large to compute with", `"limit":1e999999999`, `limit is out of range; 1e999999999 was sent. Send a number nearer to 0.`},
		{"one zero too many", `"limit":1e401`, `limit is out of range; 1e401 was sent. Send a number nearer to 0.`},
		{"an exponent that overflows", `"limit":10e9223372036854775807`, `limit is out of range; 10e9223372036854775807 was sent. Send a number nearer to 0.`},
		{"too small to compute with", `"ratio":"1e-999999999"`, `ratio is out of range; 1e-999999999 was sent. Send a number nearer to 0.`},
		{"too large for the program", `"count":300`, `count is out of range; send a number nearer to 0.`},
		{"a number for a boolean", `"steps":1`, `steps must be true or false; 1 was sent.`},
		{"a number for text", `"text":5`, `text must be a string; 5 was sent.`},
		{"a value that is none of the enum", `"status":"stopped"`, `status must be one of created, running; "stopped" was sent.`},
		{"a number for an enum", `"status":1e999999999`, `status must be a string; 1e999999999 was sent.`},
		{"text too short", `"query":"a"`, `query must be at least 2 characters long; "a" was sent.`},
		{"text too long", `"query":"` + long + long + `"`, `query must be at most 40 characters long, not 128; "` + long + `…" was sent.`},
		{"text far too long", `"text":"` + strings.Repeat("a", 1<<20) + `"`, `text must be at most 100000 bytes of text; these are 1048576.`},
		{"a control character", `"text":"a\u001b[31m"`, `text must not hold control characters; the character U+001B was sent.`},
		{"a delete character", `"text":"a\u007f"`, `text must not hold control characters; the character U+007F was sent.`},
		{"half a character", `"text":"a\ud83d"`, `text holds half a character (one \u escape of a pair); send whole characters.`},
		{"the other half", `"text":"\ude00\ud83d"`, `text holds half a character (one \u escape of a pair); send whole characters.`},

		{"an element of another type", `"fields":["a",5,null]`, `fields[1] must be a string; 5 was sent. fields[2] must be a string; null was sent.`},
		{"too many elements", `"fields":["a","b","c","d"]`, `fields must be a list of at most 3, not 4; ["a","b","c","d"] was sent.`},
		{"far too many elements", `"ids":[1` + strings.Repeat(",1", 1000) + `]`, `ids must be a list of at most 1000; 1001 were sent.`},
		{"an object for a list", `"fields":{"a":1}`, `fields must be a list; {"a":1} was sent.`},
		{"text for an object", `"filter":"least=3"`, `filter must be an object; "least=3" was sent.`},
		{"a wrong part", `"filter":"{\"least\":\"0\"}"`, `filter.least must be at least 1; 0 was sent.`},
		{"a part in a list", `"parts":[{"least":1},{"least":true}]`, `parts[1].least must be a whole number; true was sent.`},
		{"a part with a control character", `"parts":[{"least":1,"word":"\u0000"}]`, `parts[0].word must not hold control characters; the character U+0000 was sent.`},
		{"a part that is missing and one that is unknown", `"filter":{"lest":1}`, `"lest" does not belong in filter; did you mean least? It takes least, word. filter.least is required and was not sent; send it.`},

		{"an id in a list", `"ids":["a b"]`, `ids[0] must be an id of letters, digits, _ and -; "a b" was sent.`},
		{"an id with a control character", `"ids":"a\u0000"`, `ids[0] must be an id of letters, digits, _ and -; "a\u0000" was sent.`},
		{"an id of other letters", `"ids":"日本"`, `ids[0] must be an id of letters, digits, _ and -; "日本" was sent.`},
		{"a long id", `"ids":"` + long + long + long + `"`, `ids[0] must be an id of at most 128 characters; "` + long + `…" was sent, which has 192.`},
		{"no id", `"ids":["", "a"]`, `ids[0] must be an id of letters, digits, _ and -; "" was sent.`},
		{"an id that is a fraction", `"ids":1.5`, `ids[0] must be an id, as a string; the number 1.5 was sent.`},
		{"an id that is a boolean", `"ids":true`, `ids[0] must be an id, as a string; true was sent.`},
		{"an id that was rounded", `"ids":9007199254740993`, `ids[0] was sent as the number 9007199254740993. Numbers above 2^53 are rounded on their way, so this may be another id; send the id as a string, exactly as it was given.`},
		{"an id below zero that was rounded", `"ids":-9007199254740993`, `ids[0] was sent as the number -9007199254740993. Numbers above 2^53 are rounded on their way, so this may be another id; send the id as a string, exactly as it was given.`},
		{"an id that was rounded twice", `"ids":1.2345678901234567e+17`, `ids[0] was sent as the number 1.2345678901234567e+17. Numbers above 2^53 are rounded on their way, so this may be another id; send the id as a string, exactly as it was given.`},

		{"a day that does not exist", `"created_from":"2026-02-30"`, `created_from must be a date or time in ISO 8601, UTC, such as 2026-01-31 or 2026-01-31T08:00:00Z; "2026-02-30" was sent.`},
		{"a time that is a number", `"created_from":1700000000`, `created_from must be a date or time in ISO 8601, UTC, such as 2026-01-31 or 2026-01-31T08:00:00Z; 1700000000 was sent.`},
		{"several in the schema's order", `"text":5,"limit":0,"foo":1`, `"foo" is not an argument of this tool. ` + valid + ` limit must be at least 1; 0 was sent. text must be a string; 5 was sent.`},
		{
			"more than anyone reads", `"limit":0,"count":true,"ratio":true,"steps":1,"query":1,"text":1,"fields":{}`,
			`limit must be at least 1; 0 was sent. count must be a whole number; true was sent. ratio must be a number; true was sent. ` +
				`steps must be true or false; 1 was sent. query must be a string; 1 was sent. 2 more arguments are wrong too.`,
		},
	}
	input := schemas.NewInput[arguments]()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args, err := input.Decode(object(test.sent))
			if diff := cmp.Diff(test.message+" "+correct, fmt.Sprint(err)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(arguments{}, args, cmp.AllowUnexported(schemas.Time{})); diff != "" {
				t.Errorf("something was decoded all the same: %s", diff)
			}
		})
	}
}

const valid = "Its arguments are task_id, status, limit, count, ratio, steps, query, text, fields, ids, inputs, filter, parts, extra, map, created_from."

func TestRequiredArgumentsAreMissedHoweverTheyAreLeftOut(t *testing.T) {
	t.Parallel()
	input := schemas.NewInput[arguments]()
	for _, sent := range []string{
		``, ` `, `null`, `""`, `"null"`, `{}`, `"{}"`, `{"task_id":null}`, `{"task_id":""}`, `{"task_id":" "}`,
		`{"task_id":"null"}`, `{"task_id":["null"]}`, `"{\"task_id\":\"\"}"`,
	} {
		_, err := input.Decode(json.RawMessage(sent))
		if got, want := fmt.Sprint(err), "task_id is required and was not sent; send it. "+correct; got != want {
			t.Errorf("%s: got %s, want %s", sent, got, want)
		}
	}
}

func TestArgumentsAsAWhole(t *testing.T) {
	t.Parallel()
	const send = " send one JSON object from argument name to value. " + correct
	tests := []struct{ name, sent, message string }{
		{"a list", `[]`, `The arguments must be one JSON object from argument name to value; [] was sent. ` + correct},
		{"text", `"task"`, `The arguments must be one JSON object from argument name to value; "task" was sent. ` + correct},
		{"a number", `5`, `The arguments must be one JSON object from argument name to value; 5 was sent. ` + correct},
		{"half an object", `{"a":`, `The arguments are not valid JSON;` + send},
		{"bytes that are no text", "{\"a\":\"\xff\"}", `The arguments are not valid UTF-8;` + send},
		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65), `The arguments are nested too deeply;` + send},
		{"a million levels", strings.Repeat("[", 1<<20), `The arguments are not valid JSON;` + send},
	}
	input := schemas.NewInput[arguments]()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := input.Decode(json.RawMessage(test.sent))
			if diff := cmp.Diff(test.message, fmt.Sprint(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnObjectInAStringIsTakenForTheArguments(t *testing.T) {
	t.Parallel()
	args, err := schemas.NewInput[arguments]().Decode(json.RawMessage(`"{\"task_id\":\"t\",\"limit\":5}"`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := marshal(t, args), `{"task_id":"t","limit":5}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEveryFailureIsAnArgumentErrorThatNamesTheArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sent string
		want []string
	}{
		{`[]`, []string{""}},
		{`{"limit":0,"ids":true}`, []string{"task_id", "limit", "ids"}},
		{`{"task_id":1.5,"foo":1,"bar":1,"filter":{"x":1}}`, []string{"bar", "task_id", "filter", "filter"}},
		{`{"task_id":"t","count":128}`, []string{"count"}},
		{`{"task_id":"t","filter":{"least":9223372036854775808}}`, []string{"filter"}},
	}
	for _, test := range tests {
		_, err := schemas.NewInput[arguments]().Decode(json.RawMessage(test.sent))
		var wrong *schemas.ArgumentError
		if !errors.As(err, &wrong) {
			t.Fatalf("%s: got %v, want an ArgumentError", test.sent, err)
		}
		var got []string
		for _, problem := range wrong.Problems {
			got = append(got, problem.Argument)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.sent, diff)
		}
	}
}

// A model pays for each character of an error, and a hostile one could make it
// expensive.
func TestErrorsStayShortWhateverWasSent(t *testing.T) {
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
