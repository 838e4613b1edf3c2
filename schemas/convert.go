package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// maxElements is how many elements a list, and how many inputs a run may have.
const maxElements = 1000

// A normalizer returns a value that was sent as its schema has it.
type normalizer func(json.RawMessage) (json.RawMessage, *valueError)

// normalizerOf returns the normalizer of a Go type that accepts more than its schema
// says; nil for other types.
func normalizerOf(t reflect.Type) normalizer {
	return map[reflect.Type]normalizer{
		reflect.TypeFor[ID]():     normalize(readID),
		reflect.TypeFor[Time]():   normalize(readTime),
		reflect.TypeFor[Inputs](): normalize(readInputs),
		reflect.TypeFor[Quorum](): normalize(readQuorum),
	}[t]
}

func normalize[T any](read func(json.RawMessage) (T, *valueError)) normalizer {
	return func(raw json.RawMessage) (json.RawMessage, *valueError) {
		value, err := read(raw)
		return encode(value), err
	}
}

// unmarshal is UnmarshalJSON of a type with a normalizer. Null leaves target as it is.
func unmarshal[T any](target *T, raw []byte, read func(json.RawMessage) (T, *valueError)) error {
	if kindOf(raw) == kindNull {
		return nil
	}
	value, err := read(raw)
	if err != nil {
		return err
	}
	*target = value
	return nil
}

// convert returns raw in the type that the schema asks for, where it has a meaning in
// that type, and unchanged where not.
func (n *node) convert(raw json.RawMessage) (json.RawMessage, *valueError) {
	if n.normalize != nil {
		return n.normalize(raw)
	}
	switch n.Type {
	case "string":
		return n.convertString(raw)
	case "integer", "number":
		return convertNumber(raw)
	case "boolean":
		return convertBoolean(raw), nil
	case "array":
		return n.convertList(unwrap(raw, kindList))
	}
	return n.convertObject(unwrap(raw, kindObject))
}

func (n *node) convertString(raw json.RawMessage) (json.RawMessage, *valueError) {
	if kindOf(raw) != kindString {
		return raw, nil
	}
	s, err := readText(raw)
	if err != nil || n.Enum == nil {
		return raw, err
	}
	return encode(n.spelling(strings.TrimSpace(s))), nil
}

// spelling returns the enum's own spelling of s, where only case differs.
func (n *node) spelling(s string) string {
	if slices.Contains(n.Enum, s) {
		return s
	}
	same := slices.DeleteFunc(slices.Clone(n.Enum), func(value string) bool { return !strings.EqualFold(value, s) })
	if len(same) != 1 {
		return s
	}
	return same[0]
}

// convertNumber writes a whole number by its digits alone. Nothing is rounded.
func convertNumber(raw json.RawMessage) (json.RawMessage, *valueError) {
	number, ok := numberOf(raw)
	if !ok {
		return raw, nil
	}
	digits, err := exactInteger(number)
	switch {
	case errors.Is(err, errOutOfRange):
		return nil, invalid("is out of range; %s was sent. Send a number nearer to 0.", shorten(number))
	case err != nil:
		return json.RawMessage(number), nil
	}
	return json.RawMessage(digits), nil
}

func convertBoolean(raw json.RawMessage) json.RawMessage {
	switch s := strings.ToLower(trimmed(raw)); s {
	case "true", "false":
		return json.RawMessage(s)
	}
	return raw
}

// convertList makes one value a list of one. A comma does not separate values: the
// name of a column may hold one.
func (n *node) convertList(raw json.RawMessage) (json.RawMessage, *valueError) {
	var elements []json.RawMessage
	switch kindOf(raw) {
	case kindList:
		elements = splitList(raw)
	case kindString, kindNumber, kindBool:
		elements = []json.RawMessage{raw}
	default:
		return raw, nil
	}
	if len(elements) > maxElements {
		return nil, invalid("must be a list of at most %d; %d were sent.", maxElements, len(elements))
	}
	for i, element := range elements {
		converted, err := n.Items.convert(element)
		if err != nil {
			return nil, err.at(fmt.Sprintf("[%d]", i))
		}
		elements[i] = converted
	}
	return encode(elements), nil
}

func (n *node) convertObject(raw json.RawMessage) (json.RawMessage, *valueError) {
	if kindOf(raw) != kindObject || len(n.Properties) == 0 {
		return raw, nil
	}
	members := splitObject(raw)
	for i, m := range members {
		schema := n.Properties.get(m.name)
		if schema == nil {
			continue
		}
		converted, err := schema.convert(m.value)
		if err != nil {
			return nil, err.at("." + m.name)
		}
		members[i].value = converted
	}
	return joinObject(members), nil
}
