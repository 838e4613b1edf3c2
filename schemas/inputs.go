package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
)

// An InputValue is one input of a run.
type InputValue struct {
	Name  string
	Value string
}

// Inputs are the inputs of a run in the order in which they were sent, each
// name once. They are sent as an object from name to value, as a list of
// {"name","value"} objects, or as a JSON string of either. Numbers and booleans
// become strings as they are written; null is an input that was not sent. All
// other text is kept as it is, "null" and "" too: a workflow may mean them.
// Nil means that there was no such argument.
type Inputs []InputValue

// Get returns the value of the named input, and whether it was sent.
func (in Inputs) Get(name string) (value string, ok bool) {
	for _, input := range in {
		if input.Name == name {
			return input.Value, true
		}
	}
	return "", false
}

// MarshalJSON writes the inputs as an object in their order.
func (in Inputs) MarshalJSON() ([]byte, error) {
	members := make([]member, 0, len(in))
	for _, input := range in {
		members = append(members, member{name: input.Name, value: encode(input.Value)})
	}
	return joinObject(members), nil
}

// UnmarshalJSON reads inputs as [Inputs] says.
func (in *Inputs) UnmarshalJSON(raw []byte) error {
	inputs, err := readInputs(raw)
	*in = inputs
	return err
}

func normalizeInputs(raw json.RawMessage) (json.RawMessage, error) {
	inputs, err := readInputs(raw)
	if err != nil {
		return nil, err
	}
	return inputs.MarshalJSON()
}

func readInputs(raw json.RawMessage) (Inputs, error) {
	raw = unwrap(raw, isObject)
	switch kindOf(raw) {
	case isNull:
		return nil, nil
	case isObject:
		members, err := splitObject(raw)
		if err != nil {
			return nil, err
		}
		return collectInputs(members)
	case isList:
		members, err := namedMembers(splitList(raw))
		if err != nil {
			return nil, err
		}
		return collectInputs(members)
	default:
		return nil, fmt.Errorf("must be an object from input name to value; %s was sent.", showJSON(raw))
	}
}

func collectInputs(members []member) (Inputs, error) {
	inputs, seen := Inputs{}, map[string]bool{}
	for _, m := range members {
		if seen[m.name] {
			return nil, fmt.Errorf("gives the input %s twice; send it once.", show(m.name))
		}
		seen[m.name] = true
		if kindOf(m.value) == isNull {
			continue
		}
		value, err := inputText(m.value)
		if err != nil {
			return nil, fmt.Errorf("is wrong at the input %s, which %w", show(m.name), err)
		}
		inputs = append(inputs, InputValue{Name: m.name, Value: value})
	}
	return inputs, nil
}

func inputText(raw json.RawMessage) (string, error) {
	switch kindOf(raw) {
	case isString:
		s, _ := text(raw)
		return s, checkText(s)
	case isNumber, isBool:
		return string(raw), checkText(string(raw))
	default:
		return "", errors.New("must be a string, a number or a boolean, not a list or an object; send it as one string.")
	}
}

// namedMembers reads the API's own form of inputs, a list of names with values.
func namedMembers(elements []json.RawMessage) ([]member, error) {
	var members []member
	for i, element := range elements {
		fields, err := splitObject(element)
		if err != nil {
			return nil, fmt.Errorf(`must be an object from input name to value, or a list of {"name","value"} objects; its element %d is none.`, i+1)
		}
		m, err := namedMember(fields)
		if err != nil {
			return nil, fmt.Errorf("is wrong in its element %d, which %w", i+1, err)
		}
		members = append(members, m)
	}
	return members, nil
}

func namedMember(fields []member) (member, error) {
	m := member{value: json.RawMessage("null")}
	named := false
	for _, field := range fields {
		switch field.name {
		case "name":
			m.name, named = text(field.value)
		case "value":
			m.value = field.value
		default:
			return m, fmt.Errorf(`has %s; send only "name" and "value".`, show(field.name))
		}
	}
	if !named {
		return m, errors.New(`has no "name"; send the name of the input as a string.`)
	}
	return m, nil
}
