package schemas

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/invopop/jsonschema"
)

// A direction says whether a schema describes what clients send or what tools return.
type direction int

const (
	forInput direction = iota
	forOutput
)

// derive makes the schema of a struct. It panics where t has no schema that every
// client takes, so that nothing a struct asks for is silently dropped.
func derive(t reflect.Type, dir direction) *node {
	if t.Kind() != reflect.Struct {
		panicf("%s is not a struct", t)
	}
	checkCycle(t, nil)
	reflector := jsonschema.Reflector{
		// ExpandedStruct would look the root up by the bare name of its type
		// and confuse it with a nested type of another package.
		Anonymous:                 true,
		DoNotReference:            true,
		AllowAdditionalProperties: dir == forOutput,
		Mapper:                    dir.mapped,
	}
	reflected := reflector.ReflectFromType(t)
	reflected.Version = ""
	root := dir.convert(t, reflected, t.String())
	for _, property := range root.Properties {
		property.checkDefaults(t.String() + "." + property.name)
	}
	return root
}

func panicf(format string, args ...any) { panic("schemas: " + fmt.Sprintf(format, args...)) }

// mapped returns the schema of the Go types for which invopop would write one that
// clients refuse or that says too little; nil for all others.
func (dir direction) mapped(t reflect.Type) *jsonschema.Schema {
	switch {
	case t == reflect.TypeFor[ID]():
		return &jsonschema.Schema{Type: "string", MinLength: new(uint64(1)), MaxLength: new(uint64(maxID))}
	case t == reflect.TypeFor[Time](), dir == forOutput && t == reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: "string"}
	case t == reflect.TypeFor[Inputs](), isFreeForm(t):
		return &jsonschema.Schema{
			Type:                 "object",
			Properties:           jsonschema.NewProperties(),
			AdditionalProperties: jsonschema.TrueSchema,
		}
	}
	return nil
}

// isFreeForm reports whether t is an object of any content.
func isFreeForm(t reflect.Type) bool {
	isMap := t.Kind() == reflect.Map && t.Key().Kind() == reflect.String
	return t == reflect.TypeFor[json.RawMessage]() || isMap && t.Elem() == reflect.TypeFor[any]()
}

// isLeaf reports whether the schema of t does not describe what t consists of.
func isLeaf(t reflect.Type) bool { return forOutput.mapped(t) != nil }

// checkCycle panics if t contains itself: invopop would overflow the stack.
func checkCycle(t reflect.Type, parents []reflect.Type) {
	if isLeaf(t) {
		return
	}
	if slices.Contains(parents, t) {
		panicf("%s contains itself, which takes a reference", t)
	}
	parents = append(parents, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		checkCycle(t.Elem(), parents)
	case reflect.Struct:
		for _, field := range fields(t) {
			checkCycle(field.Type, parents)
		}
	}
}

// fields returns the fields of a struct that are properties, as encoding/json sees
// them: those of an embedded struct replace the struct.
func fields(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return !f.IsExported() || jsonName(f) == "-" || f.Anonymous && jsonName(f) == ""
	})
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// convert turns invopop's schema of t into a node.
func (dir direction) convert(t reflect.Type, s *jsonschema.Schema, where string) *node {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	checkKeywords(s, where)
	n := &node{
		Type: s.Type, Description: s.Description,
		Enum: enumOf(s, where), Minimum: s.Minimum, Maximum: s.Maximum,
		MinLength: s.MinLength, MaxLength: s.MaxLength,
		MinItems: s.MinItems, MaxItems: s.MaxItems,
		Required: s.Required, AdditionalProperties: additionalOf(s, where),
		normalize: normalizerOf(t),
	}
	if s.Default != nil {
		n.Default = encode(s.Default)
	}
	if s.Items != nil {
		n.Items = dir.convert(t.Elem(), s.Items, where+"[]")
	}
	if s.Properties != nil {
		n.Properties = dir.properties(t, s, where)
	}
	return n
}

func (dir direction) properties(t reflect.Type, s *jsonschema.Schema, where string) properties {
	list := properties{}
	if isLeaf(t) {
		return list
	}
	for _, field := range fields(t) {
		at, name := where+"."+field.Name, jsonName(field)
		schema, found := s.Properties.Get(name)
		if !found {
			panicf("%s has no name in its json tag", at)
		}
		if list.get(name) != nil {
			panicf("%s has the name of another field", at)
		}
		dir.checkTag(field.Tag.Get("jsonschema"), schema, at)
		list = append(list, property{name: name, node: dir.convert(field.Type, schema, at)})
	}
	return list
}

func enumOf(s *jsonschema.Schema, where string) []string {
	var values []string
	for _, value := range s.Enum {
		text, ok := value.(string)
		if !ok {
			panicf("%s has an enum of values that are not strings", where)
		}
		values = append(values, text)
	}
	return values
}

func additionalOf(s *jsonschema.Schema, where string) *bool {
	switch s.AdditionalProperties {
	case nil:
		return nil
	case jsonschema.TrueSchema, jsonschema.FalseSchema:
		return new(s.AdditionalProperties == jsonschema.TrueSchema)
	}
	panic(fmt.Sprintf("schemas: %s is a map of one type; only map[string]any works everywhere", where))
}

// checkDefaults panics if a schema below n has a default: only those of arguments are
// applied.
func (n *node) checkDefaults(where string) {
	below := n.Properties
	if n.Items != nil {
		below = append(below, property{name: "[]", node: n.Items})
	}
	for _, child := range below {
		if child.Default != nil {
			panicf("%s.%s has a default, which only arguments may have", where, child.name)
		}
		child.checkDefaults(where + "." + child.name)
	}
}

// tagKeywords are the keywords that a jsonschema tag may set: of an argument only, since
// clients would refuse results that break them.
func tagKeywords() []string {
	return []string{"enum", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}
}

// checkKeywords panics if s has no type or has a keyword that a node does not have.
func checkKeywords(s *jsonschema.Schema, where string) {
	if s.Type == "" {
		panicf("%s has no single JSON type", where)
	}
	known := append(tagKeywords(),
		"type", "description", "items", "properties", "required", "additionalProperties")
	for _, keyword := range keywordsOf(s) {
		if !slices.Contains(known, keyword) {
			panicf("%s has the keyword %q, which some clients refuse", where, keyword)
		}
	}
}

// checkTag panics if a part of a field's jsonschema tag did not become a keyword:
// invopop silently drops what it does not know or cannot parse.
func (dir direction) checkTag(tag string, s *jsonschema.Schema, where string) {
	if tag == "" {
		return
	}
	set := keywordsOf(s)
	if s.Items != nil {
		set = append(set, keywordsOf(s.Items)...)
	}
	for part := range strings.SplitSeq(tag, ",") {
		keyword, _, _ := strings.Cut(part, "=")
		if dir == forOutput || !slices.Contains(tagKeywords(), keyword) || !slices.Contains(set, keyword) {
			panicf("%s: %q in its jsonschema tag has no effect here", where, part)
		}
	}
}

// keywordsOf returns the keywords that s holds.
func keywordsOf(s *jsonschema.Schema) []string {
	var keywords []string
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			keyword, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			keywords = append(keywords, keyword)
		}
	}
	return keywords
}
