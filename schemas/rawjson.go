package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
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

// A jsonKind is the type of a JSON value: mostly its first byte.
type jsonKind byte

const (
	kindNothing jsonKind = 0 // no value at all
	kindObject  jsonKind = '{'
	kindList    jsonKind = '['
	kindString  jsonKind = '"'
	kindNull    jsonKind = 'n'
	kindBool    jsonKind = 't'
	kindNumber  jsonKind = '0'
)

func kindOf(raw []byte) jsonKind {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return kindNothing
	}
	switch kind := jsonKind(raw[0]); kind {
	case kindObject, kindList, kindString, kindNull, kindBool:
		return kind
	case 'f':
		return kindBool
	}
	return kindNumber
}

// unreadable returns why raw must not be decoded, empty if it may be: invalid UTF-8,
// which encoding/json would change silently, invalid JSON, deep nesting.
func unreadable(raw []byte) string {
	switch {
	case !utf8.Valid(raw):
		return "not valid UTF-8"
	case !json.Valid(raw):
		return "not valid JSON"
	case depth(raw) > maxDepth:
		return "nested too deeply"
	}
	return ""
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

// stringOf returns the string that raw is, and whether it is one.
func stringOf(raw json.RawMessage) (string, bool) {
	if kindOf(raw) != kindString {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// trimmed returns the string that raw is without space around it; empty for other
// values.
func trimmed(raw json.RawMessage) string {
	s, _ := stringOf(raw)
	return strings.TrimSpace(s)
}

// splitObject returns the members of a JSON object in their order, none for other
// values.
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
		out = append(append(out, encode(m.name)...), ':')
		out = append(out, m.value...)
	}
	return append(out, '}')
}

// splitList returns the elements of a JSON list, none for other values.
func splitList(raw json.RawMessage) []json.RawMessage {
	var elements []json.RawMessage
	_ = json.Unmarshal(raw, &elements) // leaves elements nil on error
	return elements
}

// encode is [Marshal] of a value that always can be written.
func encode(v any) json.RawMessage {
	raw, err := Marshal(v)
	if err != nil {
		panic("schemas: " + err.Error())
	}
	return raw
}

// maxDigits is how many digits a whole number may have. 1e999999999 is a number of
// eleven bytes, and nothing here computes with it.
const maxDigits = 400

var (
	errFraction   = errors.New("not a whole number")
	errOutOfRange = errors.New("out of range")
)

// numberOf returns the JSON number that raw is, or holds as a string.
func numberOf(raw json.RawMessage) (string, bool) {
	if kindOf(raw) == kindNumber {
		return strings.TrimSpace(string(raw)), true
	}
	s := trimmed(raw)
	return s, kindOf([]byte(s)) == kindNumber && json.Valid([]byte(s))
}

// exactInteger returns the digits of a JSON number that is whole in any notation
// (42, 42.0, 4.2e1), without rounding it. Errors are errFraction and errOutOfRange.
func exactInteger(number string) (string, error) {
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(number), "e")
	scale, err := 0, error(nil)
	if scaled {
		scale, err = strconv.Atoi(exponent)
	}
	if err != nil || scale > maxDigits || scale < -maxDigits || len(mantissa) > 2*maxDigits {
		return "", errOutOfRange
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok || !value.IsInt() {
		return "", errFraction
	}
	digits := value.Num().String()
	if len(strings.TrimPrefix(digits, "-")) > maxDigits {
		return "", errOutOfRange
	}
	return digits, nil
}
