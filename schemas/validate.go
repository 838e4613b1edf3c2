package schemas

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// arguments are what an [Input] knows whatever its type.
type arguments struct {
	root     *node
	schema   json.RawMessage
	compiled func() *jsonschema.Schema
}

func newArguments(t reflect.Type) *arguments {
	root := derive(t, forInput)
	return newArgumentsOf(root, encode(root))
}

// newArgumentsOf makes arguments of a schema and of how it is written.
func newArgumentsOf(root *node, schema json.RawMessage) *arguments {
	return &arguments{
		root:   root,
		schema: schema,
		// Compiling takes longer than deriving, and few callers use every tool.
		compiled: sync.OnceValue(func() *jsonschema.Schema { return compile(schema) }),
	}
}

func compile(schema json.RawMessage) *jsonschema.Schema {
	const url = "memory:///arguments"
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		panic("schemas: " + err.Error())
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(url, document); err != nil {
		panic("schemas: " + err.Error())
	}
	return compiler.MustCompile(url)
}

// read returns the arguments of a call as an object that the schema allows.
func (a *arguments) read(raw json.RawMessage) (json.RawMessage, error) {
	r, err := a.root.coerce(raw)
	if err != nil {
		return nil, err
	}
	a.addDefaults(r)
	object := joinObject(r.members)
	if err := a.validate(object, r); err != nil {
		return nil, err
	}
	if len(r.problems) > 0 {
		return nil, a.sorted(r.problems)
	}
	return object, nil
}

func (a *arguments) addDefaults(r *reading) {
	for _, property := range a.root.Properties {
		isSent := func(m member) bool { return m.name == property.name }
		if property.Default != nil && !slices.ContainsFunc(r.members, isSent) {
			r.members = append(r.members, member{name: property.name, value: property.Default})
		}
	}
}

// validate adds to r what the schema refuses.
func (a *arguments) validate(object json.RawMessage, r *reading) error {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(object))
	if err != nil {
		return refused("The arguments cannot be read; send one JSON object.")
	}
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](a.compiled().Validate(instance)); ok {
		report := report{root: a.root, instance: instance, reading: r}
		report.translate(invalid)
	}
	return nil
}

// sorted puts unknown arguments first, then the others in the schema's order.
func (a *arguments) sorted(problems []Problem) *ArgumentError {
	names := a.root.Properties.names()
	slices.SortStableFunc(problems, func(p, q Problem) int {
		return cmp.Or(
			slices.Index(names, p.Argument)-slices.Index(names, q.Argument),
			cmp.Compare(p.Message, q.Message),
		)
	})
	return &ArgumentError{Problems: problems}
}
