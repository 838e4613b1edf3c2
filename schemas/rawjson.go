package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// maxDepth is how many objects and lists may stand inside one another.
const maxDepth = 64

// A member is one name and value of a JSON object, the value as it was sent.
type member struct {
	name  string
	value json.RawMessage
}

// check refuses what is not safe to read on: text that is not UTF-8, which
// encoding/json would change silently, broken JSON, and deep nesting.
func check(raw []byte) error {
	switch {
	case !utf8.Valid(raw):
		return errors.New("not valid UTF-8 text")
	case !json.Valid(raw):
		return errors.New("not valid JSON")
	case depth(raw) > maxDepth:
		return errors.New("nested too deeply")
	default:
		return nil
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

// splitObject returns the members of a valid JSON object in their order.
func splitObject(raw json.RawMessage) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var members []member
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		members = append(members, member{name: name.(string), value: value})
	}
	return members, nil
}

// splitList returns the elements of a valid JSON list.
func splitList(raw json.RawMessage) []json.RawMessage {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil
	}
	return elements
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

func joinList(elements []json.RawMessage) json.RawMessage {
	out := append([]byte{'['}, bytes.Join(rawBytes(elements), []byte{','})...)
	return append(out, ']')
}

func rawBytes(elements []json.RawMessage) [][]byte {
	out := make([][]byte, len(elements))
	for i, element := range elements {
		out[i] = element
	}
	return out
}

// A jsonKind is what the first byte of a JSON value tells.
type jsonKind byte

const (
	isNothing jsonKind = 0
	isObject  jsonKind = '{'
	isList    jsonKind = '['
	isString  jsonKind = '"'
	isNumber  jsonKind = '0'
	isBool    jsonKind = 't'
	isNull    jsonKind = 'n'
)

func kindOf(raw json.RawMessage) jsonKind {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return isNothing
	}
	switch c := raw[0]; c {
	case '{', '[', '"', 't', 'n':
		return jsonKind(c)
	case 'f':
		return isBool
	default:
		return isNumber
	}
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
