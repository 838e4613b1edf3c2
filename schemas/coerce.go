package schemas

import (
	"encoding/json"
	"slices"
	"strings"
)

// A coerced value holds one call's arguments, for the validator to check.
type coerced struct {
	members []member
	sent    map[string]json.RawMessage // as the client sent them, for messages
	errors  []InvalidArgument
}

// coerce corrects what clients are known to mangle where only one meaning is left.
// Applied to its own result it changes nothing. The validator refuses the rest.
func (n *node) coerce(raw json.RawMessage) (*coerced, error) {
	sent, err := splitArguments(raw)
	if err != nil {
		return nil, err
	}
	c := &coerced{sent: make(map[string]json.RawMessage, len(sent))}
	for _, m := range sent {
		if _, twice := c.sent[m.name]; twice {
			c.fail(m.name, quote(m.name)+" is given twice; send it once.")
			continue
		}
		c.sent[m.name] = m.value
		c.add(m, n.Properties.get(m.name))
	}
	return c, nil
}

// splitArguments returns the members of the arguments, which may be absent, or be an
// object in a JSON string.
func splitArguments(raw json.RawMessage) ([]member, error) {
	if kindOf(raw) == kindNothing {
		return nil, nil
	}
	if reason := unreadable(raw); reason != "" {
		return nil, invalidArguments("The arguments are %s; send one JSON object from argument name to value.", reason)
	}
	if isAbsent(raw) {
		return nil, nil
	}
	object := unwrap(raw, kindObject)
	if kindOf(object) != kindObject {
		return nil, invalidArguments("The arguments must be one JSON object from argument name to value; %s was sent.", quoteJSON(raw))
	}
	return splitObject(object), nil
}

// add coerces one argument. An unknown one is left for the validator to refuse.
func (c *coerced) add(m member, schema *node) {
	if schema == nil {
		c.members = append(c.members, m)
		return
	}
	if isAbsent(m.value) {
		return
	}
	value, err := schema.convert(m.value)
	if err != nil {
		c.fail(m.name, err.of(m.name))
		return
	}
	// A JSON string may have held another spelling of no value.
	if !isAbsent(value) {
		c.members = append(c.members, member{name: m.name, value: value})
	}
}

func (c *coerced) fail(name, sentence string) {
	c.errors = append(c.errors, InvalidArgument{Name: shorten(name), Message: sentence})
}

func (c *coerced) failed(name string) bool {
	return slices.ContainsFunc(c.errors, func(e InvalidArgument) bool { return e.Name == name })
}

// isAbsent reports whether raw is one of the ways in which clients send no value:
// null, blank, "null" and ["null"].
func isAbsent(raw json.RawMessage) bool {
	switch kindOf(raw) {
	case kindString:
		return trimmed(raw) == "" || isNull(raw)
	case kindList:
		elements := splitList(raw)
		return len(elements) == 1 && isNull(elements[0])
	}
	return isNull(raw)
}

func isNull(raw json.RawMessage) bool {
	return kindOf(raw) == kindNull || strings.EqualFold(trimmed(raw), "null")
}

// unwrap returns what a JSON string holds if that is one of these kinds, else raw.
func unwrap(raw json.RawMessage, kinds ...jsonKind) json.RawMessage {
	inner := json.RawMessage(trimmed(raw))
	if !slices.Contains(kinds, kindOf(inner)) || unreadable(inner) != "" {
		return raw
	}
	return inner
}
