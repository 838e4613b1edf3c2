package schemas

import (
	"encoding/json"
	"slices"
	"strings"
)

// A reading is one call's arguments on their way to the validator.
type reading struct {
	members  []member                   // coerced
	sent     map[string]json.RawMessage // as the client sent them, for messages
	problems []Problem
}

// coerce puts right what clients are known to mangle, and nothing that could
// mean something else. Applied to its own result it changes nothing. What it
// leaves as it is, the validator judges.
func (n *node) coerce(raw json.RawMessage) (*reading, error) {
	sent, err := splitArguments(raw)
	if err != nil {
		return nil, err
	}
	r := &reading{sent: make(map[string]json.RawMessage, len(sent))}
	for _, m := range sent {
		if _, twice := r.sent[m.name]; twice {
			r.refuse(m.name, show(m.name)+" is given twice; send it once.")
			continue
		}
		r.sent[m.name] = m.value
		r.add(m, n.Properties.get(m.name))
	}
	return r, nil
}

// splitArguments returns the members of the arguments, which may be absent, or
// be an object in a JSON string.
func splitArguments(raw json.RawMessage) ([]member, error) {
	if kindOf(raw) == isNothing {
		return nil, nil
	}
	if why := unreadable(raw); why != "" {
		return nil, refused("The arguments are %s; send one JSON object from argument name to value.", why)
	}
	if isAbsent(raw) {
		return nil, nil
	}
	object := unwrap(raw, isObject)
	if kindOf(object) != isObject {
		return nil, refused("The arguments must be one JSON object from argument name to value; %s was sent.", showJSON(raw))
	}
	return splitObject(object), nil
}

// add coerces one argument. An unknown one is left for the validator to refuse.
func (r *reading) add(m member, schema *node) {
	if schema == nil {
		r.members = append(r.members, m)
		return
	}
	if isAbsent(m.value) {
		return
	}
	value, fault := schema.convert(m.value)
	if fault != nil {
		r.refuse(m.name, fault.of(m.name))
		return
	}
	// A JSON string may have held another way to say that there is nothing.
	if !isAbsent(value) {
		r.members = append(r.members, member{name: m.name, value: value})
	}
}

func (r *reading) refuse(name, sentence string) {
	r.problems = append(r.problems, Problem{Argument: shorten(name), Message: sentence})
}

func (r *reading) refuses(name string) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Argument == name })
}

// isAbsent tells whether raw is one of the ways in which clients say that there
// is no such argument: null, blank, "null" and ["null"].
func isAbsent(raw json.RawMessage) bool {
	switch kindOf(raw) {
	case isString:
		s := word(raw)
		return s == "" || strings.EqualFold(s, "null")
	case isList:
		elements := splitList(raw)
		return len(elements) == 1 && isNullWord(elements[0])
	default:
		return kindOf(raw) == isNull
	}
}

func isNullWord(raw json.RawMessage) bool {
	return kindOf(raw) == isNull || strings.EqualFold(word(raw), "null")
}

// unwrap returns what a JSON string holds if that is one of these kinds, else raw.
func unwrap(raw json.RawMessage, kinds ...jsonKind) json.RawMessage {
	inner := json.RawMessage(word(raw))
	if !slices.Contains(kinds, kindOf(inner)) || unreadable(inner) != "" {
		return raw
	}
	return inner
}
