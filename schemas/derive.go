package schemas

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// A direction tells what a schema is for.
type direction bool

const (
	forInput  direction = false
	forOutput direction = true
)

// derive makes the schema of a struct. It panics where t cannot be one that
// every client takes: what a struct asks for is never dropped silently.
func derive(t reflect.Type, way direction) *node {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("schemas: %s is no struct", t))
	}
	refuseCycle(t, nil)
	reflector := jsonschema.Reflector{
		Anonymous:                 true,
		DoNotReference:            true,
		AllowAdditionalProperties: way == forOutput,
		Mapper:                    way.mapped,
	}
	return way.convert(t, reflector.ReflectFromType(t), t.String())
}

// refuseCycle panics if t contains itself: invopop would never return.
func refuseCycle(t reflect.Type, parents []reflect.Type) {
	if isLeaf(t) {
		return
	}
	if slices.Contains(parents, t) {
		panic(fmt.Sprintf("schemas: %s contains itself, and a schema without references cannot", t))
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
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return !f.IsExported() || name == "-" || f.Anonymous && name == ""
	})
}

// convert turns what invopop made of t into a node.
func (way direction) convert(t reflect.Type, s *jsonschema.Schema, where string) *node {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	refuseKeywords(s, where)
	n := &node{
		Type: s.Type, Description: s.Description,
		Minimum: s.Minimum, Maximum: s.Maximum,
		MinLength: s.MinLength, MaxLength: s.MaxLength,
		MinItems: s.MinItems, MaxItems: s.MaxItems,
		Enum: enumOf(s, where), Default: defaultOf(s),
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
		at := where + "." + field.Name
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		property_, found := s.Properties.Get(name)
		if name == "" || !found {
			panic(fmt.Sprintf("schemas: %s has no name in its json tag", at))
		}
		refuseTag(field.Tag.Get("jsonschema"), property_, at)
		list = append(list, property{name: name, node: way.convert(field.Type, property_, at)})
	}
	return list
}

func enumOf(s *jsonschema.Schema, where string) []string {
	var values []string
	for _, value := range s.Enum {
		text, ok := value.(string)
		if !ok {
			panic(fmt.Sprintf("schemas: %s: an enum holds strings only", where))
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
		panic(fmt.Sprintf("schemas: %s: a map takes any value or is no map; use map[string]any", where))
	}
}
