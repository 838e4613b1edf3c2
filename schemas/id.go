package schemas

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// maxID is how many characters an id may have.
const maxID = 128

// maxExact is the largest number that a float64 represents exactly, with all below.
const maxExact = 1 << 53

// An ID is an id argument: 1 to 128 of letters, digits, _ and -. Space around it is
// dropped. A JSON number is read as its digits if it is whole and at most 2^53, since
// clients round above that. Empty means not sent.
type ID string

// UnmarshalJSON reads an id as described at [ID]. Null leaves it as it is.
func (id *ID) UnmarshalJSON(raw []byte) error { return unmarshal(id, raw, readID) }

func readID(raw json.RawMessage) (ID, *valueError) {
	switch kindOf(raw) {
	case kindString:
		id := ID(trimmed(raw))
		return id, id.check()
	case kindNumber:
		return numericID(strings.TrimSpace(string(raw)))
	}
	return "", invalid("must be an id, as a string; %s was sent.", quoteJSON(raw))
}

func (id ID) check() *valueError {
	switch {
	case len(id) > maxID:
		return invalid("must be an id of at most %d characters; %s was sent, which has %d.", maxID, quote(string(id)), len(id))
	case id == "" || strings.ContainsFunc(string(id), isNotID):
		return invalid("must be an id of letters, digits, _ and -; %s was sent.", quote(string(id)))
	}
	return nil
}

func isNotID(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '_' && r != '-'
}

func numericID(number string) (ID, *valueError) {
	digits, err := exactInteger(number)
	if errors.Is(err, errFraction) {
		return "", invalid("must be an id, as a string; the number %s was sent.", shorten(number))
	}
	value, tooLong := strconv.ParseInt(digits, 10, 64)
	if err != nil || tooLong != nil || value > maxExact || value < -maxExact {
		return "", invalid("was sent as the number %s. Numbers above 2^53 are rounded on their way, so this may be another id; "+
			"send the id as a string, exactly as it was given.", shorten(number))
	}
	return ID(digits), nil
}
