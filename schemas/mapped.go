package schemas

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/invopop/jsonschema"
)

// mapped returns the schema of the Go types for which invopop would write one
// that clients refuse or that says too little; nil for all others.
func (way direction) mapped(t reflect.Type) *jsonschema.Schema {
	switch {
	case t == reflect.TypeFor[ID]():
		return &jsonschema.Schema{Type: "string", MinLength: new(uint64(1)), MaxLength: new(uint64(maxID))}
	case t == reflect.TypeFor[Time](), way == forOutput && t == reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: "string"}
	case t == reflect.TypeFor[Inputs](), isFreeForm(t):
		return &jsonschema.Schema{
			Type:                 "object",
			Properties:           jsonschema.NewProperties(),
			AdditionalProperties: jsonschema.TrueSchema,
		}
	default:
		return nil
	}
}

// isFreeForm tells whether t is an object of any content.
func isFreeForm(t reflect.Type) bool {
	isMap := t.Kind() == reflect.Map && t.Key().Kind() == reflect.String
	return t == reflect.TypeFor[json.RawMessage]() || isMap && t.Elem() == reflect.TypeFor[any]()
}

// isLeaf tells whether what t consists of is none of the schema's business.
func isLeaf(t reflect.Type) bool { return forOutput.mapped(t) != nil }

// normalizer returns how a value for t is read where its schema does not tell
// all; nil for most types.
func normalizer(t reflect.Type) func(json.RawMessage) (json.RawMessage, *fault) {
	switch t {
	case reflect.TypeFor[ID]():
		return normalizeID
	case reflect.TypeFor[Time]():
		return normalizeTime
	case reflect.TypeFor[Inputs]():
		return normalizeInputs
	case reflect.TypeFor[Quorum]():
		return normalizeQuorum
	default:
		return nil
	}
}
