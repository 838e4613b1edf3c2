package schemas

import (
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

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
