package schemas

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// A direction tells whether a schema is for what is sent to us or for what we send.
type direction int

const (
	forInput direction = iota
	forOutput
)

// derive makes the schema of a struct. It panics where t cannot be one that
// every client takes: what a struct asks for is never dropped silently.
func derive(t reflect.Type, way direction) *node {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("schemas: %s is no struct", t))
	}
	refuseCycle(t, nil)
	reflector := jsonschema.Reflector{
		// ExpandedStruct would look the root up by the bare name of its type
		// and mistake a nested type of another package for it.
		Anonymous:                 true,
		DoNotReference:            true,
		AllowAdditionalProperties: way == forOutput,
		Mapper:                    way.mapped,
	}
	reflected := reflector.ReflectFromType(t)
	reflected.Version = ""
	root := way.convert(t, reflected, t.String())
	for _, property := range root.Properties {
		property.refuseDefaults(t.String() + "." + property.name)
	}
	return root
}

// refuseCycle panics if t contains itself: invopop would overflow the stack.
func refuseCycle(t reflect.Type, parents []reflect.Type) {
	if isLeaf(t) {
		return
	}
	if slices.Contains(parents, t) {
		panic(fmt.Sprintf("schemas: %s contains itself, which takes a reference", t))
	}
	parents = append(parents, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		refuseCycle(t.Elem(), parents)
	case reflect.Struct:
		for _, field := range fields(t) {
			refuseCycle(field.Type, parents)
		}
	}
}

// fields returns the fields of a struct that are properties, as encoding/json
// sees them: those of an embedded struct stand in the place of the struct.
func fields(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		return !f.IsExported() || jsonName(f) == "-" || f.Anonymous && jsonName(f) == ""
	})
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// convert turns what invopop made of t into a node.
func (way direction) convert(t reflect.Type, s *jsonschema.Schema, where string) *node {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	refuseKeywords(s, where)
	n := &node{
		Type: s.Type, Description: s.Description,
		Enum: enumOf(s, where), Default: defaultOf(s),
		Minimum: s.Minimum, Maximum: s.Maximum,
		MinLength: s.MinLength, MaxLength: s.MaxLength,
		MinItems: s.MinItems, MaxItems: s.MaxItems,
		Required: s.Required, AdditionalProperties: additionalOf(s, where),
		normalize: normalizer(t),
	}
	if s.Items != nil {
		n.Items = way.convert(t.Elem(), s.Items, where+"[]")
	}
	if s.Properties != nil {
		n.Properties = way.properties(t, s, where)
	}
	return n
}

func (way direction) properties(t reflect.Type, s *jsonschema.Schema, where string) properties {
	list := properties{}
	if isLeaf(t) {
		return list
	}
	for _, field := range fields(t) {
		at, name := where+"."+field.Name, jsonName(field)
		made, found := s.Properties.Get(name)
		if !found {
			panic(fmt.Sprintf("schemas: %s has no name in its json tag", at))
		}
		if list.get(name) != nil {
			panic(fmt.Sprintf("schemas: %s has the name of another field", at))
		}
		way.refuseTag(field.Tag.Get("jsonschema"), made, at)
		list = append(list, property{name: name, node: way.convert(field.Type, made, at)})
	}
	return list
}

func enumOf(s *jsonschema.Schema, where string) []string {
	var values []string
	for _, value := range s.Enum {
		text, ok := value.(string)
		if !ok {
			panic(fmt.Sprintf("schemas: %s has an enum of something else than strings", where))
		}
		values = append(values, text)
	}
	return values
}

func defaultOf(s *jsonschema.Schema) json.RawMessage {
	if s.Default == nil {
		return nil
	}
	return encode(s.Default)
}

func additionalOf(s *jsonschema.Schema, where string) *bool {
	switch s.AdditionalProperties {
	case nil:
		return nil
	case jsonschema.TrueSchema:
		return new(true)
	case jsonschema.FalseSchema:
		return new(false)
	default:
		panic(fmt.Sprintf("schemas: %s is a map of one type; only map[string]any works everywhere", where))
	}
}

// refuseDefaults panics if a schema below n has a default: those of the top
// level only are applied.
func (n *node) refuseDefaults(where string) {
	below := n.Properties
	if n.Items != nil {
		below = append(below, property{name: "[]", node: n.Items})
	}
	for _, child := range below {
		if child.Default != nil {
			panic(fmt.Sprintf("schemas: %s.%s has a default, and only arguments have", where, child.name))
		}
		child.refuseDefaults(where + "." + child.name)
	}
}
