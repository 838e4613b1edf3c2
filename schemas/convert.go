package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxElements is how many elements a list, and how many inputs a run may have.
const maxElements = 1000

// convert returns raw in the type that the schema asks for, where it can be
// meant as that, and as it is where not.
func (n *node) convert(raw json.RawMessage) (json.RawMessage, *fault) {
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
		return n.convertList(unwrap(raw, isList))
	default:
		return n.convertObject(unwrap(raw, isObject))
	}
}

func (n *node) convertString(raw json.RawMessage) (json.RawMessage, *fault) {
	if kindOf(raw) != isString {
		return raw, nil
	}
	s, fault := readText(raw)
	if fault != nil || n.Enum == nil {
		return raw, fault
	}
	return encode(n.spelling(strings.TrimSpace(s))), nil
}

// spelling returns the enum's own spelling of s, where only case differs.
func (n *node) spelling(s string) string {
	if slices.Contains(n.Enum, s) {
		return s
	}
	alike := slices.DeleteFunc(slices.Clone(n.Enum), func(value string) bool { return !strings.EqualFold(value, s) })
	if len(alike) != 1 {
		return s
	}
	return alike[0]
}

// convertNumber writes a whole number by its digits alone. Nothing is rounded.
func convertNumber(raw json.RawMessage) (json.RawMessage, *fault) {
	number, ok := numberOf(raw)
	if !ok {
		return raw, nil
	}
	digits, err := exactInteger(number)
	switch {
	case errors.Is(err, errOutOfRange):
		return nil, wrong("is out of range; %s was sent. Send a number nearer to 0.", shorten(number))
	case err != nil:
		return json.RawMessage(number), nil
	default:
		return json.RawMessage(digits), nil
	}
}

func convertBoolean(raw json.RawMessage) json.RawMessage {
	switch s := strings.ToLower(word(raw)); s {
	case "true", "false":
		return json.RawMessage(s)
	default:
		return raw
	}
}

// convertList makes one value a list of one. Commas in it do not divide it: the
// name of a column may hold one.
func (n *node) convertList(raw json.RawMessage) (json.RawMessage, *fault) {
	elements, ok := elementsOf(raw)
	if !ok {
		return raw, nil
	}
	if len(elements) > maxElements {
		return nil, wrong("must be a list of at most %d; %d were sent.", maxElements, len(elements))
	}
	for i, element := range elements {
		converted, fault := n.Items.convert(element)
		if fault != nil {
			return nil, fault.in(fmt.Sprintf("[%d]", i))
		}
		elements[i] = converted
	}
	return joinList(elements), nil
}

func elementsOf(raw json.RawMessage) (elements []json.RawMessage, ok bool) {
	switch kindOf(raw) {
	case isList:
		return splitList(raw), true
	case isString, isNumber, isBool:
		return []json.RawMessage{raw}, true
	default:
		return nil, false
	}
}

func (n *node) convertObject(raw json.RawMessage) (json.RawMessage, *fault) {
	if kindOf(raw) != isObject || len(n.Properties) == 0 {
		return raw, nil
	}
	members := splitObject(raw)
	for i, m := range members {
		schema := n.Properties.get(m.name)
		if schema == nil {
			continue
		}
		converted, fault := schema.convert(m.value)
		if fault != nil {
			return nil, fault.in("." + m.name)
		}
		members[i].value = converted
	}
	return joinObject(members), nil
}
