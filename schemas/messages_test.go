package schemas_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/schemas"
)

var update = flag.Bool("update", false, "write the messages of the package into testdata/messages.golden")

// A messageCase is what is sent to get an error. testdata/messages.golden has its
// messages under the name of the case.
type messageCase struct{ name, sent string }

// invalidArguments are sent beside task_id.
func invalidArguments() []messageCase {
	long := strings.Repeat("a", 64)
	return []messageCase{
		{"an unknown argument", `"foo":1`},
		{"an unknown argument that is null", `"foo":null`},
		{"a misspelt argument", `"Created-From":"2026-01-31"`},
		{"two unknown", `"fo\u0000":1,"limits":1`},
		{"many unknown", `"u":1,"v":1,"w":1,"x":1,"y":1,"z":1`},
		{"an argument twice", `"limit":5,"limit":6`},
		{"a word for a number", `"limit":"abc"`},
		{"a fraction", `"limit":1.5`},
		{"a list for a number", `"limit":[]`},
		{"too small", `"limit":0`},
		{"too large", `"limit":"101"`},
		{"a large exponent", `"limit":1e30`},
		{"too large to compute with", `"limit":1e999999999`},
		{"one zero too many", `"limit":1e401`},
		{"an exponent that overflows", `"limit":10e9223372036854775807`},
		{"too small to compute with", `"ratio":"1e-999999999"`},
		{"too large for the Go type", `"count":300`},
		{"a number for a boolean", `"steps":1`},
		{"a number for text", `"text":5`},
		{"a value that is not in the enum", `"status":"stopped"`},
		{"a number for an enum", `"status":1e999999999`},
		{"text too short", `"query":"a"`},
		{"text too long", `"query":"` + long + long + `"`},
		{"text above the limit", `"text":"` + strings.Repeat("a", 1<<20) + `"`},
		{"a control character", `"text":"a\u001b[31m"`},
		{"a delete character", `"text":"a\u007f"`},
		{"half a character", `"text":"a\ud83d"`},
		{"the other half", `"text":"\ude00\ud83d"`},
		{"elements of another type", `"fields":["a",5,null]`},
		{"too many elements", `"fields":["a","b","c","d"]`},
		{"elements above the limit", `"ids":[1` + strings.Repeat(",1", 1000) + `]`},
		{"an object for a list", `"fields":{"a":1}`},
		{"text for an object", `"filter":"min=3"`},
		{"an invalid member", `"filter":"{\"min\":\"0\"}"`},
		{"an invalid member in a list", `"parts":[{"min":1},{"min":true}]`},
		{"a member with a control character", `"parts":[{"min":1,"word":"\u0000"}]`},
		{"a missing and an unknown member", `"filter":{"wort":1}`},
		{"an id in a list", `"ids":["a b"]`},
		{"an id with a control character", `"ids":"a\u0000"`},
		{"an id of other letters", `"ids":"日本"`},
		{"a long id", `"ids":"` + long + long + long + `"`},
		{"an empty id", `"ids":["", "a"]`},
		{"an id that is a fraction", `"ids":1.5`},
		{"an id that is a boolean", `"ids":true`},
		{"an id that was rounded", `"ids":9007199254740993`},
		{"an id below zero that was rounded", `"ids":-9007199254740993`},
		{"an id that was rounded twice", `"ids":1.2345678901234567e+17`},
		{"a day that does not exist", `"created_from":"2026-02-30"`},
		{"a time that is a number", `"created_from":1700000000`},
		{"several in the schema's order", `"text":5,"limit":0,"foo":1`},
		{"seven invalid arguments", `"limit":0,"count":true,"ratio":true,"steps":1,"query":1,"text":1,"fields":{}`},
	}
}

// invalidInputs are sent as inputs.
func invalidInputs() []messageCase {
	return []messageCase{
		{"a list as a value", `{"a b":["x"]}`},
		{"an object as a value", `[{"name":"a","value":{"b":1}}]`},
		{"a name twice", `{"a":1,"a":1}`},
		{"a name twice, once without a value", `[{"name":"a"},{"name":"a","value":1}]`},
		{"an empty name", `{"":"x"}`},
		{"a control character in a value", `{"a":"\u0007"}`},
		{"a control character in a name", `{"a\u0000":"x"}`},
		{"half a character", `{"a":"\ud800"}`},
		{"a value that is too long", `{"a":"` + strings.Repeat("x", 100_001) + `"}`},
		{"a number that is too long", `{"a":` + strings.Repeat("1", 100_001) + `}`},
		{"names without values", `["a"]`},
		{"a list of objects", `[{"name":"a","value":"x"},{"b":"y"}]`},
		{"a name that is a number", `[{"name":5,"value":"x"}]`},
		{"a definition for a value", `[{"name":"a","default_enabled":true}]`},
		{"two values for a name", `[{"name":"a","value":"x","value":"y"}]`},
		{"text", `"a=x"`},
		{"a number", `5`},
		{"a string that only looks like an object", `"{a:1}"`},
		{"1001 inputs", `[` + strings.Repeat(`{"name":"a"},`, 1000) + `{"name":"b"}]`},
	}
}

// invalidObjects are sent in place of the object of arguments.
func invalidObjects() []messageCase {
	return []messageCase{
		{"a list", `[]`},
		{"text", `"task"`},
		{"a number", `5`},
		{"an incomplete object", `{"a":`},
		{"invalid UTF-8", "{\"a\":\"\xff\"}"},
		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65)},
		{"a million levels", strings.Repeat("[", 1<<20)},
	}
}

func TestMessagesAreThoseOfTheGoldenFile(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	input := schemas.NewInput[arguments]()
	for _, c := range invalidArguments() {
		args, err := input.Decode(object(c.sent))
		if diff := cmp.Diff(arguments{}, args, cmp.AllowUnexported(schemas.Time{})); diff != "" {
			t.Errorf("%s: arguments besides the error: %s", c.name, diff)
		}
		b.WriteString(messages(t, c.name, err))
	}
	for _, c := range invalidInputs() {
		_, err := input.Decode(object(`"inputs":` + c.sent))
		b.WriteString(messages(t, "inputs: "+c.name, err))
	}
	for _, c := range invalidObjects() {
		_, err := input.Decode(json.RawMessage(c.sent))
		b.WriteString(messages(t, "all arguments: "+c.name, err))
	}
	_, err := input.Decode(object(`"limit":0,"count":true,"ratio":true,"steps":1,"query":1,"text":1,"fields":{}`))
	b.WriteString("the error of seven invalid arguments\n\t" + fmt.Sprint(err) + "\n")
	_, err = schemas.NewInput[struct{}]().Decode(json.RawMessage(`{"page":1}`))
	b.WriteString(messages(t, "an argument of a tool without arguments", err))
	_, err = schemas.NewInput[quorum]().Decode(json.RawMessage(`{"wait_for":"most"}`))
	b.WriteString(messages(t, "an unknown quorum", err))
	checkGolden(t, "testdata/messages.golden", b.String())
}

type quorum struct {
	WaitFor schemas.Quorum `json:"wait_for"`
}

// messages returns the case and a line for each invalid argument: its name and the
// message.
func messages(t *testing.T, name string, err error) string {
	t.Helper()
	var invalid *schemas.ArgumentError
	if !errors.As(err, &invalid) {
		t.Errorf("%s: got %v, want an ArgumentError", name, err)
		return ""
	}
	lines := name + "\n"
	for _, argument := range invalid.Arguments {
		lines += "\t[" + argument.Name + "] " + argument.Message + "\n"
	}
	return lines
}

func checkGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); accept with go test ./schemas -update\n%s", path, diff)
	}
}
