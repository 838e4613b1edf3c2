package schemas

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// maxID is how many characters an id may have.
const maxID = 128

// maxExact is the largest number that survives the double in which most clients
// keep numbers.
const maxExact = 1 << 53

// An ID is an id argument: 1 to 128 of letters, digits, _ and -. White space
// around it is dropped. A JSON number is taken for its digits while it is whole
// and at most 2^53, since clients round above that. Empty means not sent.
type ID string

// UnmarshalJSON reads an id as [ID] says. Null leaves it as it is.
func (id *ID) UnmarshalJSON(raw []byte) error {
	if kindOf(raw) == isNull {
		return nil
	}
	read, fault := readID(raw)
	if fault != nil {
		return fault
	}
	*id = read
	return nil
}

func normalizeID(raw json.RawMessage) (json.RawMessage, *fault) {
	id, fault := readID(raw)
	return encode(id), fault
}

func readID(raw json.RawMessage) (ID, *fault) {
	switch kindOf(raw) {
	case isString:
		id := ID(word(raw))
		return id, id.check()
	case isNumber:
		return idOfNumber(strings.TrimSpace(string(raw)))
	default:
		return "", wrong("must be an id, as a string; %s was sent.", showJSON(raw))
	}
}

func (id ID) check() *fault {
	switch {
	case len(id) > maxID:
		return wrong("must be an id of at most %d characters; %s was sent, which has %d.", maxID, show(string(id)), len(id))
	case id == "" || strings.ContainsFunc(string(id), isForeign):
		return wrong("must be an id of letters, digits, _ and -; %s was sent.", show(string(id)))
	default:
		return nil
	}
}

func isForeign(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '_' && r != '-'
}

func idOfNumber(number string) (ID, *fault) {
	digits, err := exactInteger(number)
	if errors.Is(err, errFraction) {
		return "", wrong("must be an id, as a string; the number %s was sent.", shorten(number))
	}
	value, tooLong := strconv.ParseInt(digits, 10, 64)
	if err != nil || tooLong != nil || value > maxExact || value < -maxExact {
		return "", wrong("was sent as the number %s. Numbers above 2^53 are rounded on their way, so this may be another id; "+
			"send the id as a string, exactly as it was given.", shorten(number))
	}
	return ID(digits), nil
}
