package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// arguments is an [Input] without its type.
type arguments struct {
	root     *node
	schema   json.RawMessage
	compiled func() *jsonschema.Schema
}

func newArguments(t reflect.Type) *arguments {
	root := derive(t, forInput)
	a := &arguments{root: root, schema: root.schema()}
	a.compiled = sync.OnceValue(func() *jsonschema.Schema { return compile(a.schema) })
	return a
}

// compile makes the validator, which costs more than deriving the schema.
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

// read returns the arguments of a call as one object that the schema allows.
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
		if property.Default != nil && !slices.ContainsFunc(r.members, func(m member) bool { return m.name == property.name }) {
			r.members = append(r.members, member{name: property.name, value: property.Default})
		}
	}
}

// validate adds to r what the schema refuses.
func (a *arguments) validate(object json.RawMessage, r *reading) error {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(object))
	if err != nil {
		return refused("The arguments are not valid JSON; send one JSON object.")
	}
	var invalid *jsonschema.ValidationError
	if errors.As(a.compiled().Validate(instance), &invalid) {
		for _, leaf := range leaves(invalid) {
			r.problems = append(r.problems, a.translate(leaf, r)...)
		}
	}
	return nil
}

func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// translate says in words for a model what the validator found.
func (a *arguments) translate(e *jsonschema.ValidationError, r *reading) []Problem {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return a.missing(k.Missing, e.InstanceLocation, r)
	case *kind.AdditionalProperties:
		return a.unknown(k.Properties, e.InstanceLocation)
	}
	where := location(e.InstanceLocation)
	sent := ""
	if len(e.InstanceLocation) == 1 {
		sent = "; " + showJSON(r.sent[e.InstanceLocation[0]]) + " was sent"
	}
	return []Problem{{Argument: e.InstanceLocation[0], Message: where + " must be " + rule(e.ErrorKind) + sent + "."}}
}

// location writes where in the arguments something is: fields[2], inputs.name.
func location(path []string) string {
	return shorten(strings.Join(path, "."))
}

func (a *arguments) missing(names, path []string, r *reading) []Problem {
	var problems []Problem
	for _, name := range names {
		refusedAlready := slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Argument == name })
		if len(path) == 0 && refusedAlready {
			continue
		}
		where := location(append(slices.Clone(path), name))
		problems = append(problems, Problem{Argument: append(slices.Clone(path), name)[0], Message: where + " is required and was not sent."})
	}
	return problems
}

func (a *arguments) unknown(names, path []string) []Problem {
	valid := a.root.names()
	var problems []Problem
	for _, name := range names {
		message := show(name) + " is not an argument of this tool."
		if near, ok := Nearest(name, valid); ok {
			message += " Did you mean " + near + "?"
		}
		if len(valid) == 0 {
			message += " It takes no arguments."
		} else {
			message += " Its arguments are " + strings.Join(valid, ", ") + "."
		}
		problems = append(problems, Problem{Argument: name, Message: message})
	}
	return problems
}

func rule(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return typeWords(k.Want[0])
	case *kind.Minimum:
		return "at least " + decimal(k.Want)
	case *kind.Maximum:
		return "at most " + decimal(k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("at least %d characters long", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("at most %d characters long", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("a list of at least %d", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("a list of at most %d", k.Want)
	case *kind.Enum:
		return "one of " + enumWords(k.Want)
	default:
		return "what the tool's schema allows"
	}
}

func typeWords(jsonType string) string {
	switch jsonType {
	case "string":
		return "a string"
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	default:
		return "an object"
	}
}

func decimal(r *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(6), "0"), ".")
}

func enumWords(values []any) string {
	words := make([]string, 0, len(values))
	for _, value := range values {
		words = append(words, fmt.Sprint(value))
	}
	return strings.Join(words, ", ")
}

// sorted puts unknown arguments first, then the others in the schema's order.
func (a *arguments) sorted(problems []Problem) *ArgumentError {
	names := a.root.names()
	slices.SortStableFunc(problems, func(p, q Problem) int {
		return slices.Index(names, p.Argument) - slices.Index(names, q.Argument)
	})
	return &ArgumentError{Problems: problems}
}
