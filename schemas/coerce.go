package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxText is how many bytes a text argument without a maxLength may have.
const maxText = 100_000

// A reading is one call's arguments on their way to the validator.
type reading struct {
	members  []member                   // coerced
	sent     map[string]json.RawMessage // as the client sent them, for messages
	problems []Problem
}

// coerce puts right what clients are known to mangle. It never makes of a value
// something else that is also allowed as it was, with one exception: null, "",
// "null" and ["null"] stand for an argument that was not sent. Applied to its
// own result it changes nothing.
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
		r.add(m, n.property(m.name))
	}
	return r, nil
}

// splitArguments returns the members of the arguments, which may also be absent
// or be an object in a JSON string.
func splitArguments(raw json.RawMessage) ([]member, error) {
	if kindOf(raw) == isNothing {
		return nil, nil
	}
	if err := check(raw); err != nil {
		return nil, refused("The arguments are " + err.Error() + "; send one JSON object.")
	}
	if isAbsent(raw) {
		return nil, nil
	}
	object := unwrap(raw, isObject)
	if kindOf(object) != isObject {
		return nil, refused("The arguments must be one JSON object, name to value; " + showJSON(raw) + " was sent.")
	}
	return splitObject(object)
}

// add coerces one argument. An unknown one is left for the validator to refuse.
func (r *reading) add(m member, schema *node) {
	if schema == nil {
		r.members = append(r.members, m)
		return
	}
	if schema.Type == "array" || schema.Type == "object" {
		m.value = unwrap(m.value, kindFor(schema.Type))
	}
	if isAbsent(m.value) {
		return
	}
	value, err := schema.convert(m.value)
	if err != nil {
		r.refuse(m.name, m.name+" "+err.Error())
		return
	}
	r.members = append(r.members, member{name: m.name, value: value})
}

func (r *reading) refuse(name, sentence string) {
	r.problems = append(r.problems, Problem{Argument: name, Message: sentence})
}

// convert returns raw in the type that the schema asks for where it can be meant
// as that, and as it is where not: the validator says what is wrong then.
func (n *node) convert(raw json.RawMessage) (json.RawMessage, error) {
	if n.normalize != nil {
		return n.normalize(raw)
	}
	switch n.Type {
	case "string":
		return n.convertString(raw)
	case "integer":
		return convertInteger(raw)
	case "number":
		return convertNumber(raw)
	case "boolean":
		return convertBoolean(raw), nil
	case "array":
		return n.convertList(raw)
	default:
		return n.convertObject(raw)
	}
}

func (n *node) convertString(raw json.RawMessage) (json.RawMessage, error) {
	s, ok := text(raw)
	if !ok {
		return raw, nil
	}
	if err := checkText(s); err != nil {
		return nil, err
	}
	if n.Enum == nil {
		return raw, nil
	}
	return encode(n.spelling(strings.TrimSpace(s))), nil
}

// spelling returns the enum's own spelling of s, if only the case differs.
func (n *node) spelling(s string) string {
	if slices.Contains(n.Enum, s) {
		return s
	}
	var alike []string
	for _, value := range n.Enum {
		if strings.EqualFold(value, s) {
			alike = append(alike, value)
		}
	}
	if len(alike) != 1 {
		return s
	}
	return alike[0]
}

// checkText refuses text that BrowserAct could not mean to get.
func checkText(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("is too long: at most %d bytes can be sent, these are %d. Shorten it.", maxText, len(s))
	}
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		return fmt.Errorf("holds the control character U+%04X; send it without.", s[i])
	}
	return nil
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}

func convertInteger(raw json.RawMessage) (json.RawMessage, error) {
	number, ok := numberOf(raw)
	if !ok {
		return raw, nil
	}
	digits, err := exactInteger(number)
	if errors.Is(err, errFraction) {
		return json.RawMessage(number), nil
	}
	if err != nil {
		return nil, fmt.Errorf("is too large; %s was sent. Send a smaller number.", shorten(number))
	}
	return json.RawMessage(digits), nil
}

func convertNumber(raw json.RawMessage) (json.RawMessage, error) {
	number, ok := numberOf(raw)
	if !ok {
		return raw, nil
	}
	if _, err := exactInteger(number); errors.Is(err, errTooLarge) {
		return nil, fmt.Errorf("is too large; %s was sent. Send a smaller number.", shorten(number))
	}
	return json.RawMessage(number), nil
}

func convertBoolean(raw json.RawMessage) json.RawMessage {
	s, _ := text(raw)
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true":
		return json.RawMessage("true")
	case "false":
		return json.RawMessage("false")
	default:
		return raw
	}
}

// convertList makes one value a list of one. Commas in it are not looked at: a
// name may hold one.
func (n *node) convertList(raw json.RawMessage) (json.RawMessage, error) {
	var elements []json.RawMessage
	switch kindOf(raw) {
	case isList:
		elements = splitList(raw)
	case isString, isNumber, isBool:
		elements = []json.RawMessage{raw}
	default:
		return raw, nil
	}
	for i, element := range elements {
		converted, err := n.Items.convert(element)
		if err != nil {
			return nil, fmt.Errorf("(element %d) %w", i+1, err)
		}
		elements[i] = converted
	}
	return joinList(elements), nil
}

func (n *node) convertObject(raw json.RawMessage) (json.RawMessage, error) {
	if kindOf(raw) != isObject || len(n.Properties) == 0 {
		return raw, nil
	}
	members, err := splitObject(raw)
	if err != nil {
		return nil, err
	}
	for i, m := range members {
		schema := n.property(m.name)
		if schema == nil {
			continue
		}
		if members[i].value, err = schema.convert(m.value); err != nil {
			return nil, fmt.Errorf("(%s in it) %w", shorten(m.name), err)
		}
	}
	return joinObject(members), nil
}

// isAbsent tells whether raw is what clients send for an optional argument that
// the model left out.
func isAbsent(raw json.RawMessage) bool {
	switch kindOf(raw) {
	case isNull:
		return true
	case isString:
		s, _ := text(raw)
		s = strings.TrimSpace(s)
		return s == "" || strings.EqualFold(s, "null")
	case isList:
		elements := splitList(raw)
		return len(elements) == 1 && kindOf(elements[0]) != isList && isNullWord(elements[0])
	default:
		return false
	}
}

func isNullWord(raw json.RawMessage) bool {
	s, _ := text(raw)
	return kindOf(raw) == isNull || strings.EqualFold(strings.TrimSpace(s), "null")
}

// unwrap returns the object or list that a JSON string holds, or raw.
func unwrap(raw json.RawMessage, want jsonKind) json.RawMessage {
	s, ok := text(raw)
	inner := json.RawMessage(s)
	if !ok || kindOf(inner) != want && kindOf(inner) != isList || check(inner) != nil {
		return raw
	}
	return inner
}

func kindFor(jsonType string) jsonKind {
	if jsonType == "array" {
		return isList
	}
	return isObject
}
