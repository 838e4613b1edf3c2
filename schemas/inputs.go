package schemas

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Inputs are the inputs of a run in the order in which they were sent, each name
// once. They are sent as an object from name to value, as a list of
// {"name","value"} objects, or as a JSON string of either. Numbers and booleans
// become strings as they are written; null is an input that was not sent. All
// other text is kept as it is, "null" and "" too: a workflow may mean them. Nil
// means that there was no such argument.
type Inputs []InputValue

// An InputValue is one input of a run. Names are case-sensitive and may hold
// any character; neither name nor value is trimmed.
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
	members := make([]member, 0, len(in))
	for _, input := range in {
		members = append(members, member{name: input.Name, value: encode(input.Value)})
	}
	return joinObject(members), nil
}

// UnmarshalJSON reads inputs as [Inputs] says. Null leaves them as they are.
func (in *Inputs) UnmarshalJSON(raw []byte) error {
	if kindOf(raw) == isNull {
		return nil
	}
	read, fault := readInputs(raw)
	if fault != nil {
		return fault
	}
	*in = read
	return nil
}

func normalizeInputs(raw json.RawMessage) (json.RawMessage, *fault) {
	inputs, fault := readInputs(raw)
	return encode(inputs), fault
}

func readInputs(raw json.RawMessage) (Inputs, *fault) {
	raw = unwrap(raw, isObject, isList)
	switch kindOf(raw) {
	case isObject:
		return collectInputs(splitObject(raw))
	case isList:
		members, fault := namedMembers(splitList(raw))
		if fault != nil {
			return nil, fault
		}
		return collectInputs(members)
	default:
		return nil, wrong("must be an object from input name to value; %s was sent.", showJSON(raw))
	}
}

func collectInputs(members []member) (Inputs, *fault) {
	if len(members) > maxElements {
		return nil, wrong("must be at most %d inputs; %d were sent.", maxElements, len(members))
	}
	inputs, seen := Inputs{}, map[string]bool{}
	for _, m := range members {
		value, fault := m.inputText()
		switch {
		case fault != nil:
			return nil, fault.in(" at " + show(m.name))
		case seen[m.name]:
			return nil, wrong("must have each input once; %s is given twice.", show(m.name))
		case kindOf(m.value) != isNull:
			inputs = append(inputs, InputValue{Name: m.name, Value: value})
		}
		seen[m.name] = true
	}
	return inputs, nil
}

// inputText returns the value of an input as the string that a run takes.
func (m member) inputText() (string, *fault) {
	if m.name == "" {
		return "", wrong("must be under the name of an input; send the name.")
	}
	if fault := checkText(m.name); fault != nil {
		return "", fault
	}
	switch kindOf(m.value) {
	case isString:
		return readText(m.value)
	case isNumber, isBool:
		s := strings.TrimSpace(string(m.value))
		return s, checkText(s)
	case isNull:
		return "", nil
	default:
		return "", wrong("must be a string, a number or a boolean; %s was sent. Send it as one string.", showJSON(m.value))
	}
}

// namedMembers reads the API's own form of inputs, a list of names with values.
func namedMembers(elements []json.RawMessage) ([]member, *fault) {
	members := make([]member, 0, len(elements))
	for i, element := range elements {
		m, fault := namedMember(element)
		if fault != nil {
			return nil, fault.in(fmt.Sprintf("[%d]", i))
		}
		members = append(members, m)
	}
	return members, nil
}

func namedMember(element json.RawMessage) (member, *fault) {
	const form = `must be an object with the strings "name" and "value", and nothing else; %s was sent.`
	m, seen := member{value: json.RawMessage("null")}, map[string]bool{}
	for _, field := range splitObject(element) {
		switch {
		case seen[field.name]:
			return m, wrong(form, showJSON(element))
		case field.name == "name" && kindOf(field.value) == isString:
			m.name, _ = text(field.value)
		case field.name == "value":
			m.value = field.value
		default:
			return m, wrong(form, showJSON(element))
		}
		seen[field.name] = true
	}
	if !seen["name"] {
		return m, wrong(form, showJSON(element))
	}
	return m, nil
}
