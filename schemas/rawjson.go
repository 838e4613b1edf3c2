package schemas

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxDepth is how many objects and lists may stand inside one another.
const maxDepth = 64

// A member is one name and value of a JSON object, the value as it was sent.
type member struct {
	name  string
	value json.RawMessage
}

// A jsonKind is what the first byte of a JSON value tells.
type jsonKind int

const (
	isNothing jsonKind = iota
	isObject
	isList
	isString
	isNumber
	isBool
	isNull
)

func kindOf(raw []byte) jsonKind {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return isNothing
	}
	switch raw[0] {
	case '{':
		return isObject
	case '[':
		return isList
	case '"':
		return isString
	case 't', 'f':
		return isBool
	case 'n':
		return isNull
	default:
		return isNumber
	}
}

// unreadable returns why raw is not safe to read on, empty if it is: broken
// UTF-8, which encoding/json would change silently, broken JSON, deep nesting.
func unreadable(raw []byte) string {
	switch {
	case !utf8.Valid(raw):
		return "not valid UTF-8"
	case !json.Valid(raw):
		return "not valid JSON"
	case depth(raw) > maxDepth:
		return "nested too deeply"
	default:
		return ""
	}
}

// depth returns how deep objects and lists are nested in valid JSON.
func depth(raw []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++
		case !inString && (c == '{' || c == '['):
			now++
			deepest = max(deepest, now)
		case !inString && (c == '}' || c == ']'):
			now--
		}
	}
	return deepest
}

// text returns the string that raw is, if it is one.
func text(raw json.RawMessage) (string, bool) {
	if kindOf(raw) != isString {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// word returns the string that raw is without space around it, or nothing.
func word(raw json.RawMessage) string {
	s, _ := text(raw)
	return strings.TrimSpace(s)
}

// splitObject returns the members of a JSON object in their order, none if raw
// is no object.
func splitObject(raw json.RawMessage) []member {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var members []member
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return nil
		}
		members = append(members, member{name: name, value: value})
	}
	return members
}

func joinObject(members []member) json.RawMessage {
	out := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, encode(m.name)...)
		out = append(out, ':')
		out = append(out, m.value...)
	}
	return append(out, '}')
}

// splitList returns the elements of a JSON list, none if raw is no list.
func splitList(raw json.RawMessage) []json.RawMessage {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return nil
	}
	return elements
}

func joinList(elements []json.RawMessage) json.RawMessage {
	out := []byte{'['}
	for i, element := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, element...)
	}
	return append(out, ']')
}
