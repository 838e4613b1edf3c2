package schemas_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/google/go-cmp/cmp"
)

type run struct {
	Inputs schemas.Inputs `json:"inputs,omitempty"`
}

func TestInputsAreReadFromEveryFormAndKeepTheirOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sent string
		want       schemas.Inputs
	}{
		{"an object", `{"b":"x","a":"y"}`, schemas.Inputs{{"b", "x"}, {"a", "y"}}},
		{"the API's list", `[{"name":"b","value":"x"},{"value":"y","name":"a"}]`, schemas.Inputs{{"b", "x"}, {"a", "y"}}},
		{"an object in a string", `" {\"b\":\"x\",\"a\":1}"`, schemas.Inputs{{"b", "x"}, {"a", "1"}}},
		{"the API's list in a string", `"[{\"name\":\"b\",\"value\":2}]"`, schemas.Inputs{{"b", "2"}}},
		{"inputs that are called so", `{"name":"x","value":"y"}`, schemas.Inputs{{"name", "x"}, {"value", "y"}}},
		{"none", `{}`, schemas.Inputs{}},
		{"none in a list", `[]`, schemas.Inputs{}},
		{"no such argument", `null`, nil},
		{"a blank argument", `""`, nil},
		{"numbers as they are written", `{"a":1.50,"b":1e3,"c":-0,"d":12345678901234567890}`, schemas.Inputs{{"a", "1.50"}, {"b", "1e3"}, {"c", "-0"}, {"d", "12345678901234567890"}}},
		{"booleans", `{"a":true,"b":false}`, schemas.Inputs{{"a", "true"}, {"b", "false"}}},
		{"null is absent", `{"a":null,"b":"x"}`, schemas.Inputs{{"b", "x"}}},
		{"null is absent in a list", `[{"name":"a","value":null},{"name":"b"}]`, schemas.Inputs{}},
		{"text that looks like nothing", `{"a":"null","b":"","c":" ","d":"[\"null\"]"}`, schemas.Inputs{{"a", "null"}, {"b", ""}, {"c", " "}, {"d", `["null"]`}}},
		{"text that looks like something else", `{"a":"true","b":"42.0","c":"{}"}`, schemas.Inputs{{"a", "true"}, {"b", "42.0"}, {"c", "{}"}}},
		{"text that is not ours to change", `{" Größe <m²>":" a\tb\r\n<&> "}`, schemas.Inputs{{" Größe <m²>", " a\tb\r\n<&> "}}},
		{"names that differ in case", `{"a":"1","A":"2"}`, schemas.Inputs{{"a", "1"}, {"A", "2"}}},
	}
	input := schemas.NewInput[run]()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args, err := input.Decode(json.RawMessage(`{"inputs":` + test.sent + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, args.Inputs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWrongInputsAreExplained(t *testing.T) {
	t.Parallel()
	const form = ` must be an object with the strings "name" and "value", and nothing else; `
	tests := []struct{ name, sent, message string }{
		{"a list as a value", `{"a b":["x"]}`, `inputs at "a b" must be a string, a number or a boolean; ["x"] was sent. Send it as one string.`},
		{"an object as a value", `[{"name":"a","value":{"b":1}}]`, `inputs at "a" must be a string, a number or a boolean; {"b":1} was sent. Send it as one string.`},
		{"a name twice", `{"a":1,"a":1}`, `inputs must have each input once; "a" is given twice.`},
		{"a name twice, once without value", `[{"name":"a"},{"name":"a","value":1}]`, `inputs must have each input once; "a" is given twice.`},
		{"an empty name", `{"":"x"}`, `inputs at "" must be under the name of an input; send the name.`},
		{"a control character in a value", `{"a":"\u0007"}`, `inputs at "a" must not hold control characters; the character U+0007 was sent.`},
		{"a control character in a name", `{"a\u0000":"x"}`, `inputs at "a\u0000" must not hold control characters; the character U+0000 was sent.`},
		{"half a character", `{"a":"\ud800"}`, `inputs at "a" holds half a character (one \u escape of a pair); send whole characters.`},
		{"a value that is too long", `{"a":"` + strings.Repeat("x", 100_001) + `"}`, `inputs at "a" must be at most 100000 bytes of text; these are 100001.`},
		{"a number that is too long", `{"a":` + strings.Repeat("1", 100_001) + `}`, `inputs at "a" must be at most 100000 bytes of text; these are 100001.`},
		{"names without values", `["a"]`, `inputs[0]` + form + `"a" was sent.`},
		{"a list of objects", `[{"name":"a","value":"x"},{"b":"y"}]`, `inputs[1]` + form + `{"b":"y"} was sent.`},
		{"a name that is no string", `[{"name":5,"value":"x"}]`, `inputs[0]` + form + `{"name":5,"value":"x"} was sent.`},
		{"a definition for a value", `[{"name":"a","default_enabled":true}]`, `inputs[0]` + form + `{"name":"a","default_enabled":true} was sent.`},
		{"two values for a name", `[{"name":"a","value":"x","value":"y"}]`, `inputs[0]` + form + `{"name":"a","value":"x","value":"y"} was sent.`},
		{"text", `"a=x"`, `inputs must be an object from input name to value; "a=x" was sent.`},
		{"a number", `5`, `inputs must be an object from input name to value; 5 was sent.`},
		{"a string that only looks like an object", `"{a:1}"`, `inputs must be an object from input name to value; "{a:1}" was sent.`},
		{"more than a run has", `[` + strings.Repeat(`{"name":"a"},`, 1000) + `{"name":"b"}]`, `inputs must be at most 1000 inputs; 1001 were sent.`},
	}
	input := schemas.NewInput[run]()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := input.Decode(json.RawMessage(`{"inputs":` + test.sent + `}`))
			if diff := cmp.Diff(test.message+" "+correct, fmt.Sprint(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGetTellsAnEmptyInputFromNone(t *testing.T) {
	t.Parallel()
	inputs := schemas.Inputs{{Name: "a"}, {Name: "b", Value: "x"}}
	tests := []struct {
		name, value string
		ok          bool
	}{
		{"a", "", true},
		{"b", "x", true},
		{"B", "", false},
	}
	for _, test := range tests {
		if value, ok := inputs.Get(test.name); value != test.value || ok != test.ok {
			t.Errorf("%s: got %q, %v, want %q, %v", test.name, value, ok, test.value, test.ok)
		}
	}
}
