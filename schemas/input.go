// Package schemas describes, checks and decodes the arguments of tools, and declares
// the results that tools share.
//
// Begin with [NewInput]: it derives the JSON Schema of a tool's arguments from the Go
// struct that its handler takes. [Input.Decode] turns what a client sent into that
// struct: coerced by the schema, validated against it, decoded with every number
// exact. An [ArgumentError] explains to a model what is invalid. [Form] is an Input
// without a Go struct, and [OutputSchema] the schema of a result.
//
// The package does not know MCP or BrowserAct's API.
package schemas

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// An Input is the arguments of one tool: their schema, and how to decode them into a
// T. Make one with [NewInput]; it may be copied and used concurrently.
type Input[T any] struct{ arguments *arguments }

// NewInput derives the schema of a tool's arguments from T, a struct.
//
// A field's json tag names the argument; without omitempty or omitzero it is
// required. The jsonschema_description tag describes it, and the jsonschema tag sets
// minimum, maximum, minLength, maxLength, minItems, maxItems, enum (once per value)
// and default: the value of an argument that was not sent. [ID], [Time], [Inputs] and
// [Quorum] have their own rules; a map[string]any or a json.RawMessage is an object of
// any content.
//
// NewInput panics if T has no schema that every client accepts, for example because it
// is recursive, has a field without a single JSON type, or has a keyword that is
// misspelt or refused by some clients.
func NewInput[T any]() Input[T] {
	return Input[T]{newArguments(derive(reflect.TypeFor[T](), forInput))}
}

// Schema returns the JSON Schema of the arguments: an object without references that
// allows no other argument, its properties in the order of T's fields. The caller must
// not change it.
func (in Input[T]) Schema() json.RawMessage { return in.arguments.schema }

// Names returns the names of the arguments in the order of T's fields.
func (in Input[T]) Names() []string { return in.arguments.root.Properties.names() }

// Decode reads the arguments of one call; empty and null are a call without
// arguments. Known mistakes of clients, such as a number in a string, are corrected
// where the schema leaves one meaning only. Invalid arguments are an [*ArgumentError].
func (in Input[T]) Decode(raw json.RawMessage) (T, error) {
	var args, none T
	object, err := in.arguments.read(raw)
	if err != nil {
		return none, err
	}
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber() // for free-form objects: a float64 would round ids
	if err := decoder.Decode(&args); err != nil {
		return none, decodeError(err, in.Names())
	}
	return args, nil
}

// OutputSchema returns the JSON Schema of a result of type T, a struct. It accepts new
// fields and values, since clients validate results. Required are the fields without
// omitempty and omitzero; only jsonschema_description tags are allowed. It panics as
// [NewInput] does.
func OutputSchema[T any]() json.RawMessage {
	return encode(derive(reflect.TypeFor[T](), forOutput))
}
