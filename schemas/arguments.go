package schemas

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// arguments are the part of an [Input] that does not depend on its type.
type arguments struct {
	root     *node
	schema   json.RawMessage
	compiled func() *jsonschema.Schema
}

func newArguments(root *node) *arguments {
	schema := encode(root)
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
	compiler := jsonschema.NewCompiler()
	if err = errors.Join(err, compiler.AddResource(url, document)); err != nil {
		panic("schemas: " + err.Error())
	}
	return compiler.MustCompile(url)
}

// read returns the arguments of a call as an object that the schema allows.
func (a *arguments) read(raw json.RawMessage) (json.RawMessage, error) {
	c, err := a.root.coerce(raw)
	if err != nil {
		return nil, err
	}
	a.addDefaults(c)
	object := joinObject(c.members)
	if err := a.validate(object, c); err != nil {
		return nil, err
	}
	if len(c.errors) > 0 {
		return nil, a.sorted(c.errors)
	}
	return object, nil
}

func (a *arguments) addDefaults(c *coerced) {
	for _, property := range a.root.Properties {
		isSent := func(m member) bool { return m.name == property.name }
		if property.Default != nil && !slices.ContainsFunc(c.members, isSent) {
			c.members = append(c.members, member{name: property.name, value: property.Default})
		}
	}
}

// validate adds to c what the schema refuses.
func (a *arguments) validate(object json.RawMessage, c *coerced) error {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(object))
	if err != nil {
		return invalidArguments("The arguments cannot be read; send one JSON object.")
	}
	if err, ok := errors.AsType[*jsonschema.ValidationError](a.compiled().Validate(instance)); ok {
		reporter{coerced: c, root: a.root, instance: instance}.report(err)
	}
	return nil
}

// sorted puts unknown arguments first, then the others in the schema's order.
func (a *arguments) sorted(list []InvalidArgument) *ArgumentError {
	names := a.root.Properties.names()
	slices.SortStableFunc(list, func(p, q InvalidArgument) int {
		return cmp.Or(
			slices.Index(names, p.Name)-slices.Index(names, q.Name),
			cmp.Compare(p.Message, q.Message),
		)
	})
	return &ArgumentError{list}
}
