// Package schemas holds what the tools say about their arguments and results.
//
// Begin with [NewInput]: it derives the JSON Schema that a tool publishes from
// the Go struct that its handler takes, and [Input.Decode] turns what a client
// sent into that struct: coerced by the schema, validated against it, decoded
// with every number exact. [OutputSchema] is the same for a result. What two
// tools speak of (a task, a page of a list) is declared here too.
//
// The package knows neither MCP nor BrowserAct's API; [ArgumentError] carries
// the words that a model reads.
package schemas

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// An Input is the arguments of one tool: their schema, and how to read them
// into a T. Make one with [NewInput]; it may be copied and used concurrently.
type Input[T any] struct {
	arguments *arguments
}

// NewInput derives the schema of a tool's arguments from T, a struct.
//
// A field's json tag names the argument; without omitempty or omitzero it is
// required. The jsonschema_description tag describes it, and the jsonschema tag
// bounds it: minimum, maximum, minLength, maxLength, minItems, maxItems, enum
// (once a value) and default. A default is what Decode puts in the place of an
// argument that was not sent. An [ID], a [Time] and [Inputs] bring their own
// rules; a map[string]any or a json.RawMessage is an object of any content.
//
// NewInput panics if T cannot be a schema that every client takes, for example
// because it is recursive, has a field without a single JSON type, or asks for
// a keyword that is misspelt or that some clients refuse.
func NewInput[T any]() Input[T] {
	return Input[T]{newArguments(derive(reflect.TypeFor[T](), forInput))}
}

// Schema returns the JSON Schema of the arguments, as tools/list sends it: an
// object without references that allows no other argument, its properties in
// the order of T's fields. The caller must not change it.
func (in Input[T]) Schema() json.RawMessage { return in.arguments.schema }

// Names returns the names of the arguments in the order of T's fields.
func (in Input[T]) Names() []string { return in.arguments.root.Properties.names() }

// Decode reads the arguments of one call. An empty raw and null are a call
// without arguments. What clients are known to mangle is put right where the
// schema leaves one meaning only; what then breaks the schema is refused with
// an [*ArgumentError].
func (in Input[T]) Decode(raw json.RawMessage) (T, error) {
	var args, none T
	object, err := in.arguments.read(raw)
	if err != nil {
		return none, err
	}
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber() // for what is free-form: a float64 would round ids
	if err := decoder.Decode(&args); err != nil {
		return none, decodeError(err, in.Names())
	}
	return args, nil
}

// OutputSchema returns the JSON Schema of a result of type T, a struct. It is
// loose on purpose: clients validate results, and a new field or a new status
// must not make one refuse a good result. Required is what T's json tags say is
// always there; descriptions come from jsonschema_description tags only, and a
// jsonschema tag is refused. It panics as [NewInput] does.
func OutputSchema[T any]() json.RawMessage {
	return encode(derive(reflect.TypeFor[T](), forOutput))
}
