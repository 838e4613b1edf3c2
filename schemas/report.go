package schemas

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A reporter adds the validator's errors to a call's, in words for a model.
type reporter struct {
	*coerced
	root     *node
	instance any // what was validated
}

// report adds an error for each leaf of the validator's tree of errors.
func (r reporter) report(e *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		r.report(cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	path := e.InstanceLocation
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		r.missing(path, k.Missing)
	case *kind.AdditionalProperties:
		r.unknown(path, k.Properties)
	default:
		r.fail(path[0], r.name(path)+" must be "+rule(k, r.schema(path))+"; "+r.value(path)+" was sent.")
	}
}

func (r reporter) missing(path, names []string) {
	for _, name := range names {
		// An argument that could not be coerced has an error already.
		if len(path) > 0 || !r.failed(name) {
			whole := slices.Concat(path, []string{name})
			r.fail(whole[0], r.name(whole)+" is required and was not sent; send it.")
		}
	}
}

func (r reporter) unknown(path, names []string) {
	slices.Sort(names)
	valid := r.schema(path).Properties.names()
	var sentences []string
	for _, name := range names[:min(len(names), maxErrors)] {
		sentences = append(sentences, r.unknownName(path, name, valid))
	}
	if more := len(names) - maxErrors; more > 0 {
		sentences = append(sentences, fmt.Sprintf("And %d more.", more))
	}
	sentences = append(sentences, validNames(path, valid))
	r.fail(slices.Concat(path, names)[0], strings.Join(sentences, " "))
}

func (r reporter) unknownName(path []string, name string, valid []string) string {
	sentence := quote(name) + " is not an argument of this tool"
	if len(path) > 0 {
		sentence = quote(name) + " does not belong in " + r.name(path)
	}
	if near, ok := Nearest(name, valid); ok {
		return sentence + "; did you mean " + near + "?"
	}
	return sentence + "."
}

func validNames(path, valid []string) string {
	switch {
	case len(path) > 0:
		return "It takes " + strings.Join(valid, ", ") + "."
	case len(valid) == 0:
		return "The tool takes no arguments."
	}
	return "Its arguments are " + strings.Join(valid, ", ") + "."
}

// schema returns the schema of the value at path, which the root describes.
func (r reporter) schema(path []string) *node {
	n := r.root
	for _, step := range path {
		if n.Items != nil {
			n = n.Items
		} else {
			n = n.Properties.get(step)
		}
	}
	return n
}

// name writes path as a model would: fields[2].
func (r reporter) name(path []string) string {
	name := path[0]
	for i, step := range path[1:] {
		if r.schema(path[:i+1]).Items != nil {
			name += "[" + step + "]"
		} else {
			name += "." + step
		}
	}
	return name
}

// value quotes what was sent at path.
func (r reporter) value(path []string) string {
	if len(path) == 1 {
		return quoteJSON(r.sent[path[0]])
	}
	value := r.instance
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			index, _ := strconv.Atoi(step)
			value = v[index]
		}
	}
	return quoteJSON(encode(value))
}

// rule returns what the validator asked for, in words that follow "must be".
func rule(k jsonschema.ErrorKind, schema *node) string {
	switch k := k.(type) {
	case *kind.Type:
		return typeName(k.Want[0])
	case *kind.Minimum:
		return "at least " + decimal(k.Want)
	case *kind.Maximum:
		return "at most " + decimal(k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("at least %d characters long", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("at most %d characters long, not %d", k.Want, k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("a list of at least %d", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("a list of at most %d, not %d", k.Want, k.Got)
	case *kind.Enum:
		return "one of " + strings.Join(schema.Enum, ", ")
	}
	return "what the schema allows"
}

func typeName(jsonType string) string {
	names := map[string]string{"integer": "a whole number", "boolean": "true or false", "array": "a list", "object": "an object"}
	return cmp.Or(names[jsonType], "a "+jsonType)
}

func decimal(number *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(number.FloatString(6), "0"), ".")
}
