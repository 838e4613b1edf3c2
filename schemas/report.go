package schemas

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A report puts what the validator found in words for a model.
type report struct {
	*reading
	root     *node
	instance any // what was validated
}

// translate adds a problem for each end of the validator's tree of errors.
func (r report) translate(e *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		r.translate(cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		r.missing(e.InstanceLocation, k.Missing)
	case *kind.AdditionalProperties:
		r.unknown(e.InstanceLocation, k.Properties)
	default:
		path := e.InstanceLocation
		r.refuse(path[0], r.name(path)+" must be "+rule(k)+"; "+r.was(path)+" was sent.")
	}
}

func (r report) missing(path, names []string) {
	for _, name := range names {
		// What could not be coerced is not there, and was told already.
		if len(path) > 0 || !r.refuses(name) {
			whole := slices.Concat(path, []string{name})
			r.refuse(whole[0], r.name(whole)+" is required and was not sent; send it.")
		}
	}
}

func (r report) unknown(path, names []string) {
	const most = 5
	slices.Sort(names)
	valid := r.at(path).Properties.names()
	var sentences []string
	for _, name := range names[:min(len(names), most)] {
		sentences = append(sentences, r.stranger(path, name, valid))
	}
	if more := len(names) - most; more > 0 {
		sentences = append(sentences, fmt.Sprintf("Nor are %d more.", more))
	}
	sentences = append(sentences, r.choice(path, valid))
	r.refuse(slices.Concat(path, names)[0], strings.Join(sentences, " "))
}

func (r report) stranger(path []string, name string, valid []string) string {
	sentence := show(name) + " is not an argument of this tool"
	if len(path) > 0 {
		sentence = show(name) + " does not belong in " + r.name(path)
	}
	if near, ok := Nearest(name, valid); ok {
		return sentence + "; did you mean " + near + "?"
	}
	return sentence + "."
}

func (r report) choice(path, valid []string) string {
	switch {
	case len(path) > 0:
		return "It takes " + strings.Join(valid, ", ") + "."
	case len(valid) == 0:
		return "The tool takes no arguments."
	default:
		return "Its arguments are " + strings.Join(valid, ", ") + "."
	}
}

// at returns the schema of what stands at path, which the schema knows.
func (r report) at(path []string) *node {
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
func (r report) name(path []string) string {
	name := path[0]
	for i, step := range path[1:] {
		if r.at(path[:i+1]).Items != nil {
			name += "[" + step + "]"
		} else {
			name += "." + step
		}
	}
	return name
}

// was returns what was sent at path.
func (r report) was(path []string) string {
	if len(path) == 1 {
		return showJSON(r.sent[path[0]])
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
	return showJSON(encode(value))
}

// rule returns what the validator asked for, to stand after "must be".
func rule(k jsonschema.ErrorKind) string {
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
		return "one of " + enumeration(k.Want)
	default:
		return "what the schema allows"
	}
}

func typeName(jsonType string) string {
	switch jsonType {
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	default:
		return "a " + jsonType
	}
}

func decimal(number *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(number.FloatString(6), "0"), ".")
}

func enumeration(values []any) string {
	words := make([]string, 0, len(values))
	for _, value := range values {
		words = append(words, fmt.Sprint(value))
	}
	return strings.Join(words, ", ")
}
