package schemas_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/google/go-cmp/cmp"
)

func TestPortableSchemasPass(t *testing.T) {
	t.Parallel()
	input := `{"type":"object","properties":{
		"task_id":{"type":"string","minLength":1,"maxLength":128,"description":"Any text."},
		"status":{"type":"string","enum":["a","b"],"default":"b"},
		"limit":{"type":"integer","minimum":1,"maximum":100,"default":100},
		"ratio":{"type":"number","default":0.5},
		"steps":{"type":"boolean","default":false},
		"fields":{"type":"array","items":{"type":"string"},"maxItems":5,"default":["a"]},
		"inputs":{"type":"object","properties":{},"additionalProperties":true}},
		"required":["task_id"],"additionalProperties":false}`
	output := `{"type":"object","properties":{
		"task":{"type":"object","properties":{"task_id":{"type":"string"}},"required":["task_id"]},
		"arguments":{"type":"object","properties":{},"additionalProperties":true}},
		"required":["task"]}`
	if found := hygiene.Input(json.RawMessage(input)); len(found) > 0 {
		t.Errorf("input: %q", found)
	}
	if found := hygiene.Output(json.RawMessage(output)); len(found) > 0 {
		t.Errorf("output: %q", found)
	}
}

func TestEachBrokenRuleIsReported(t *testing.T) {
	t.Parallel()
	fifty := strings.Repeat(`"x",`, 50)
	tests := []struct {
		name   string
		schema string
		want   string
	}{
		{"not JSON", `{`, "The root is not JSON."},
		{"no type", root(`{}`), "p must have one type, as a string."},
		{"a list of types", root(`{"type":["string","null"]}`), "p must have one type, as a string."},
		{"type null", root(`{"type":"null"}`), "p must have one type, as a string."},
		{"a boolean schema", root(`true`), "p is not an object: a boolean schema makes clients drop every tool."},
		{"anyOf", root(`{"type":"string","anyOf":[]}`), "p uses anyOf, which some clients refuse."},
		{"format", root(`{"type":"string","format":"date"}`), "p uses format, which some clients refuse."},
		{"pattern", root(`{"type":"string","pattern":"x"}`), "p uses pattern, which some clients refuse."},
		{"a reference", root(`{"type":"string","$ref":"#"}`), "p uses $ref, which some clients refuse."},
		{"an enum of numbers", root(`{"type":"string","enum":[1]}`), "p has an enum value that is empty or not a string."},
		{"an empty enum value", root(`{"type":"string","enum":[""]}`), "p has an enum value that is empty or not a string."},
		{"an empty enum", root(`{"type":"string","enum":[]}`), "p must have 1 to 50 enum values."},
		{"51 enum values", root(`{"type":"string","enum":[` + fifty + `"y"]}`), "p must have 1 to 50 enum values."},
		{"an array without items", root(`{"type":"array"}`), "p is an array without items."},
		{"items without type", root(`{"type":"array","items":{}}`), "p[] must have one type, as a string."},
		{"an object without properties", root(`{"type":"object"}`), "p must have properties, even an empty object."},
		{"a map with a schema", root(`{"type":"object","properties":{},"additionalProperties":{"type":"string"}}`), "p has additionalProperties that is not a boolean."},
		{"a nested keyword", root(`{"type":"object","properties":{"q":{"type":"string","const":"x"}}}`), "q uses const, which some clients refuse."},
		{"a default of another type", root(`{"type":"integer","default":"5"}`), "p has a default that its schema refuses."},
		{"a default that is not whole", root(`{"type":"integer","default":0.5}`), "p has a default that its schema refuses."},
		{"a default above the maximum", root(`{"type":"integer","maximum":4,"default":5}`), "p has a default that its schema refuses."},
		{"a default below the minimum", root(`{"type":"number","minimum":6,"default":5}`), "p has a default that its schema refuses."},
		{"a default outside the enum", root(`{"type":"string","enum":["a"],"default":"b"}`), "p has a default that its schema refuses."},
		{"a default of null", root(`{"type":"string","default":null}`), "p has a default that its schema refuses."},
		{"a name with a space", `{"type":"object","properties":{"a b":{"type":"string"}},"additionalProperties":false}`, `The root has a property "a b", a name that some clients refuse.`},
		{"a required default", `{"type":"object","properties":{"p":{"type":"string","default":"x"}},"required":["p"],"additionalProperties":false}`, "p is required and has a default."},
		{"a required name that is unknown", `{"type":"object","properties":{},"required":["p"],"additionalProperties":false}`, "The root requires p, which is not a property."},
		{"an open root", `{"type":"object","properties":{}}`, "The root must refuse other arguments by additionalProperties false."},
		{"$schema", `{"$schema":"x","type":"object","properties":{},"additionalProperties":false}`, "The root uses $schema, which some clients refuse."},
		{"no properties", `{"type":"object","additionalProperties":false}`, "The root must have properties, even an empty object."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff([]string{test.want}, hygiene.Input(json.RawMessage(test.schema))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRootMustBeAnObject(t *testing.T) {
	t.Parallel()
	want := []string{
		"The root must have the type object.",
		"The root must refuse other arguments by additionalProperties false.",
	}
	if diff := cmp.Diff(want, hygiene.Input(json.RawMessage(`{"type":"string"}`))); diff != "" {
		t.Error(diff)
	}
}

func TestResultsMustAcceptNewFieldsAndValues(t *testing.T) {
	t.Parallel()
	schema := `{"type":"object","properties":{"status":{"type":"string","enum":["a"]}},"additionalProperties":false}`
	want := []string{
		"status has an enum: clients would refuse a result with a new value.",
		"The root has additionalProperties false: clients would refuse a result with a new field.",
	}
	if diff := cmp.Diff(want, hygiene.Output(json.RawMessage(schema))); diff != "" {
		t.Error(diff)
	}
}

// root returns the schema of an object with the property p.
func root(property string) string {
	return fmt.Sprintf(`{"type":"object","properties":{"p":%s},"additionalProperties":false}`, property)
}
