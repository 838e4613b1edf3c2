// Package hygiene tells what is wrong with a tool's JSON Schema for the clients
// and model providers that exist: a schema that one of them does not take can
// make it refuse every prompt of its user, or drop every tool of the server.
//
// Begin with [Input] and [Output]. The package is for tests, and knows on purpose
// nothing of how the schemas are made.
package hygiene

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
)

// maxEnum is how many values an enum may have.
const maxEnum = 50

// Input returns a sentence for each rule that the schema of a tool's arguments
// breaks, none if it is sound. The order is the same every time.
func Input(schema json.RawMessage) []string {
	return inspect(schema, false)
}

// Output is [Input] for the schema of a tool's result, which clients hold against
// every result: it must not refuse a new field or a new status.
func Output(schema json.RawMessage) []string {
	return inspect(schema, true)
}

func inspect(schema json.RawMessage, output bool) []string {
	decoder := json.NewDecoder(bytes.NewReader(schema))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		return []string{"The root is not JSON."}
	}
	i := &inspector{output: output}
	i.root(root)
	i.schema(root, "The root")
	return i.found
}

// An inspector walks one schema and collects what is wrong with it.
type inspector struct {
	output bool
	found  []string
}

type object = map[string]any

func (i *inspector) say(where, format string, args ...any) {
	i.found = append(i.found, where+" "+fmt.Sprintf(format, args...)+".")
}

func (i *inspector) root(v any) {
	root, _ := v.(object)
	if root["type"] != "object" {
		i.say("The root", "has to be of type object")
	}
	if !i.output && root["additionalProperties"] != false {
		i.say("The root", "has to refuse other arguments by additionalProperties false")
	}
}

func (i *inspector) schema(v any, where string) {
	s, ok := v.(object)
	if !ok {
		i.say(where, "is no object: a boolean schema makes clients drop every tool")
		return
	}
	i.keywords(s, where)
	i.enum(s, where)
	i.object(s, where)
	i.list(s, where)
}

func (i *inspector) keywords(s object, where string) {
	sound := []string{
		"additionalProperties", "default", "description", "enum", "items", "maxItems", "maxLength",
		"maximum", "minItems", "minLength", "minimum", "properties", "required", "type",
	}
	for _, keyword := range slices.Sorted(maps.Keys(s)) {
		if !slices.Contains(sound, keyword) {
			i.say(where, "uses %s, which some clients refuse", keyword)
		}
	}
	types := []any{"object", "array", "string", "integer", "number", "boolean"}
	if _, ok := s["type"].(string); !ok || !slices.Contains(types, s["type"]) {
		i.say(where, "has to have one type, as a string")
	}
}

func (i *inspector) enum(s object, where string) {
	v, ok := s["enum"]
	if !ok {
		return
	}
	if i.output {
		i.say(where, "has an enum: a client would refuse a result with a new value")
	}
	values, _ := v.([]any)
	if len(values) == 0 || len(values) > maxEnum {
		i.say(where, "has to have 1 to %d enum values", maxEnum)
	}
	for _, value := range values {
		if text, ok := value.(string); !ok || text == "" {
			i.say(where, "has an enum value that is empty or no string")
		}
	}
}

func (i *inspector) object(s object, where string) {
	if s["type"] != "object" {
		return
	}
	properties, ok := s["properties"].(object)
	if !ok {
		i.say(where, "has to have properties, even where there are none")
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if !isSoundName(name) {
			i.say(where, "has a property %q, a name that some clients refuse", name)
		}
		i.schema(properties[name], name)
	}
	i.additional(s, where)
	i.required(s, properties, where)
}

// isSoundName tells whether all providers take name for a property.
func isSoundName(name string) bool {
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (r < '0' || r > '9') && r != '_' && r != '-' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

func (i *inspector) additional(s object, where string) {
	v, ok := s["additionalProperties"]
	additional, isBool := v.(bool)
	if ok && !isBool {
		i.say(where, "has additionalProperties that are no boolean")
	}
	if isBool && !additional && i.output {
		i.say(where, "has additionalProperties false: a client would refuse a result with a new field")
	}
}

func (i *inspector) required(s, properties object, where string) {
	required, _ := s["required"].([]any)
	for _, name := range required {
		if text, _ := name.(string); properties[text] == nil {
			i.say(where, "requires %v, which is no property", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(object)
		i.standard(property, name, slices.Contains(required, any(name)))
	}
}

// standard looks at a property's default.
func (i *inspector) standard(property object, name string, required bool) {
	value, ok := property["default"]
	if ok && required {
		i.say(name, "is required and has a default")
	}
	if ok && !allows(property, value) {
		i.say(name, "has a default that its own schema refuses")
	}
}

// allows tells whether a schema's type, enum and bounds allow a default.
func allows(s object, value any) bool {
	switch v := value.(type) {
	case string:
		enum, limited := s["enum"].([]any)
		return s["type"] == "string" && (!limited || slices.Contains(enum, value))
	case bool:
		return s["type"] == "boolean"
	case []any:
		return s["type"] == "array"
	case json.Number:
		return allowsNumber(s, v)
	default:
		return false
	}
}

func allowsNumber(s object, value json.Number) bool {
	number, ok := new(big.Rat).SetString(value.String())
	typed := s["type"] == "number" || s["type"] == "integer" && number.IsInt()
	return ok && typed &&
		compare(number, s["minimum"]) >= 0 && compare(number, s["maximum"]) <= 0
}

// compare returns how number relates to a bound, 0 where there is none.
func compare(number *big.Rat, bound any) int {
	text, _ := bound.(json.Number)
	limit, ok := new(big.Rat).SetString(text.String())
	if !ok {
		return 0
	}
	return number.Cmp(limit)
}

func (i *inspector) list(s object, where string) {
	items, ok := s["items"]
	if s["type"] == "array" && !ok {
		i.say(where, "is an array without items")
	}
	if ok {
		i.schema(items, where+"[]")
	}
}
