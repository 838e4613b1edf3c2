package schemas

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Inputs are the inputs of a run in the order in which they were sent, each name
// once. They are sent as an object from name to value, as a list of {"name","value"}
// objects, or as a JSON string of either. Numbers and booleans become strings as they
// are written; null is an input that was not sent. All other text is kept as it is,
// "null" and "" too, since a workflow may mean them. Nil means that there was no such
// argument.
type Inputs []InputValue

// An InputValue is one input of a run. Names are case-sensitive and may hold any
// character; neither name nor value is trimmed.
type InputValue struct {
	Name  string
	Value string
}

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
	members := make([]member, len(in))
	for i, input := range in {
		members[i] = member{name: input.Name, value: encode(input.Value)}
	}
	return joinObject(members), nil
}

// UnmarshalJSON reads inputs as described at [Inputs]. Null leaves them as they are.
func (in *Inputs) UnmarshalJSON(raw []byte) error { return unmarshal(in, raw, readInputs) }

func readInputs(raw json.RawMessage) (Inputs, *valueError) {
	raw = unwrap(raw, kindObject, kindList)
	switch kindOf(raw) {
	case kindObject:
		return collectInputs(splitObject(raw))
	case kindList:
		members, err := namedMembers(splitList(raw))
		if err != nil {
			return nil, err
		}
		return collectInputs(members)
	}
	return nil, invalid("must be an object from input name to value; %s was sent.", quoteJSON(raw))
}

func collectInputs(members []member) (Inputs, *valueError) {
	if len(members) > maxElements {
		return nil, invalid("must be at most %d inputs; %d were sent.", maxElements, len(members))
	}
	inputs, seen := Inputs{}, map[string]bool{}
	for _, m := range members {
		value, err := m.inputText()
		switch {
		case err != nil:
			return nil, err.at(" at " + quote(m.name))
		case seen[m.name]:
			return nil, invalid("must have each input once; %s is given twice.", quote(m.name))
		case kindOf(m.value) != kindNull:
			inputs = append(inputs, InputValue{Name: m.name, Value: value})
		}
		seen[m.name] = true
	}
	return inputs, nil
}

// inputText returns the value of an input as the string that a run takes.
func (m member) inputText() (string, *valueError) {
	if m.name == "" {
		return "", invalid("has no name; send the name of the input.")
	}
	if err := checkText(m.name); err != nil {
		return "", err
	}
	switch kindOf(m.value) {
	case kindString:
		return readText(m.value)
	case kindNumber, kindBool:
		s := strings.TrimSpace(string(m.value))
		return s, checkText(s)
	case kindNull:
		return "", nil
	}
	return "", invalid("must be a string, a number or a boolean; %s was sent. Send it as one string.", quoteJSON(m.value))
}

// namedMembers reads the API's own form of inputs, a list of names with values.
func namedMembers(elements []json.RawMessage) ([]member, *valueError) {
	members := make([]member, len(elements))
	for i, element := range elements {
		m, ok := namedMember(element)
		if !ok {
			return nil, invalid(`must be an object with the strings "name" and "value", and nothing else; %s was sent.`, quoteJSON(element)).at(fmt.Sprintf("[%d]", i))
		}
		members[i] = m
	}
	return members, nil
}

func namedMember(element json.RawMessage) (m member, ok bool) {
	m.value = json.RawMessage("null")
	seen := map[string]bool{}
	for _, field := range splitObject(element) {
		switch {
		case seen[field.name]:
			return m, false
		case field.name == "name" && kindOf(field.value) == kindString:
			m.name, _ = stringOf(field.value)
		case field.name == "value":
			m.value = field.value
		default:
			return m, false
		}
		seen[field.name] = true
	}
	return m, seen["name"]
}
