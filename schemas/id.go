package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxID is how many characters an id may have.
const maxID = 128

// maxExact is the largest number that survives the double that most clients
// keep numbers in.
const maxExact = 1 << 53

// An ID is an id argument: 1 to 128 of letters, digits, _ and -. White space
// around it is dropped. A JSON number is taken for its digits while it is whole
// and at most 2^53, since clients round above that. Empty means not sent.
type ID string

// UnmarshalJSON reads an id as [ID] says.
func (id *ID) UnmarshalJSON(raw []byte) error {
	value, err := normalizeID(raw)
	if err != nil {
		return err
	}
	return json.Unmarshal(value, (*string)(id))
}

func normalizeID(raw json.RawMessage) (json.RawMessage, error) {
	switch kindOf(raw) {
	case isString:
		s, _ := text(raw)
		return encode(strings.TrimSpace(s)), checkID(strings.TrimSpace(s))
	case isNumber:
		digits, err := idOfNumber(strings.TrimSpace(string(raw)))
		return encode(digits), err
	default:
		return nil, fmt.Errorf("must be an id in a string; %s was sent.", showJSON(raw))
	}
}

func checkID(id string) error {
	if id == "" {
		return errors.New("must be an id; an empty string was sent.")
	}
	if len(id) > maxID {
		return fmt.Errorf("must be an id of at most %d characters; %s was sent.", maxID, show(id))
	}
	if strings.IndexFunc(id, isNoIDRune) >= 0 {
		return fmt.Errorf("must be an id of letters, digits, _ and - only; %s was sent.", show(id))
	}
	return nil
}

func isNoIDRune(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '_' && r != '-'
}

func idOfNumber(number string) (string, error) {
	digits, err := exactInteger(number)
	if errors.Is(err, errFraction) {
		return "", fmt.Errorf("must be an id in a string; the number %s was sent.", shorten(number))
	}
	value, overflow := strconv.ParseInt(digits, 10, 64)
	if err != nil || overflow != nil || value > maxExact || value < -maxExact {
		return "", fmt.Errorf("was sent as the number %s, which is above 2^53 and so was probably rounded on its way; "+
			"send the id as a string, exactly as it was given.", shorten(number))
	}
	return digits, nil
}
