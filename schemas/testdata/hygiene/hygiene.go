// Package hygiene checks that the JSON Schemas of a tool work with every client and
// model provider: a schema that one of them does not accept can make it refuse each
// prompt of its user, or drop all tools of the server.
//
// Begin with [Input] and [Output]. The package is for tests, and does not know how
// the schemas are made.
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
// breaks, always in the same order.
func Input(schema json.RawMessage) []string {
	return inspect(schema, false)
}

// Output is [Input] for the schema of a tool's result. Clients validate each result:
// the schema must not refuse a new field or a new status.
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

// An inspector walks one schema and collects the rules that it breaks.
type inspector struct {
	output bool
	found  []string
}

type object = map[string]any

func (i *inspector) addf(where, format string, args ...any) {
	i.found = append(i.found, where+" "+fmt.Sprintf(format, args...)+".")
}

func (i *inspector) root(v any) {
	root, _ := v.(object)
	if root["type"] != "object" {
		i.addf("The root", "must have the type object")
	}
	if !i.output && root["additionalProperties"] != false {
		i.addf("The root", "must refuse other arguments by additionalProperties false")
	}
}

func (i *inspector) schema(v any, where string) {
	s, ok := v.(object)
	if !ok {
		i.addf(where, "is not an object: a boolean schema makes clients drop every tool")
		return
	}
	i.keywords(s, where)
	i.enum(s, where)
	i.object(s, where)
	i.list(s, where)
}

func (i *inspector) keywords(s object, where string) {
	portable := []string{
		"additionalProperties", "default", "description", "enum", "items", "maxItems", "maxLength",
		"maximum", "minItems", "minLength", "minimum", "properties", "required", "type",
	}
	for _, keyword := range slices.Sorted(maps.Keys(s)) {
		if !slices.Contains(portable, keyword) {
			i.addf(where, "uses %s, which some clients refuse", keyword)
		}
	}
	types := []any{"object", "array", "string", "integer", "number", "boolean"}
	if _, ok := s["type"].(string); !ok || !slices.Contains(types, s["type"]) {
		i.addf(where, "must have one type, as a string")
	}
}

func (i *inspector) enum(s object, where string) {
	v, ok := s["enum"]
	if !ok {
		return
	}
	if i.output {
		i.addf(where, "has an enum: clients would refuse a result with a new value")
	}
	values, _ := v.([]any)
	if len(values) == 0 || len(values) > maxEnum {
		i.addf(where, "must have 1 to %d enum values", maxEnum)
	}
	for _, value := range values {
		if text, ok := value.(string); !ok || text == "" {
			i.addf(where, "has an enum value that is empty or not a string")
		}
	}
}

func (i *inspector) object(s object, where string) {
	if s["type"] != "object" {
		return
	}
	properties, ok := s["properties"].(object)
	if !ok {
		i.addf(where, "must have properties, even an empty object")
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if !isPortable(name) {
			i.addf(where, "has a property %q, a name that some clients refuse", name)
		}
		i.schema(properties[name], name)
	}
	i.additional(s, where)
	i.required(s, properties, where)
}

// isPortable reports whether all providers accept a property of that name.
func isPortable(name string) bool {
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
		i.addf(where, "has additionalProperties that is not a boolean")
	}
	if isBool && !additional && i.output {
		i.addf(where, "has additionalProperties false: clients would refuse a result with a new field")
	}
}

func (i *inspector) required(s, properties object, where string) {
	required, _ := s["required"].([]any)
	for _, name := range required {
		if text, _ := name.(string); properties[text] == nil {
			i.addf(where, "requires %v, which is not a property", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(object)
		i.defaultOf(property, name, slices.Contains(required, any(name)))
	}
}

// defaultOf checks a property's default.
func (i *inspector) defaultOf(property object, name string, required bool) {
	value, ok := property["default"]
	if ok && required {
		i.addf(name, "is required and has a default")
	}
	if ok && !allows(property, value) {
		i.addf(name, "has a default that its schema refuses")
	}
}

// allows reports whether a schema's type, enum and bounds allow a default.
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
		i.addf(where, "is an array without items")
	}
	if ok {
		i.schema(items, where+"[]")
	}
}
