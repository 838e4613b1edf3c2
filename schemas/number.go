package schemas

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// maxDigits bounds the numbers that are read: more than any argument means, few
// enough to compute with. 1e999999999 is eleven bytes.
const maxDigits = 400

var (
	errFraction   = errors.New("not a whole number")
	errOutOfRange = errors.New("out of range")
)

// numberOf returns the JSON number that raw is, or holds as a string.
func numberOf(raw json.RawMessage) (string, bool) {
	if kindOf(raw) == isNumber {
		return strings.TrimSpace(string(raw)), true
	}
	s := word(raw)
	return s, kindOf([]byte(s)) == isNumber && json.Valid([]byte(s))
}

// exactInteger returns the digits of a JSON number that is whole however it is
// written (42, 42.0, 4.2e1), without rounding it.
func exactInteger(number string) (string, error) {
	unsigned, negative := strings.CutPrefix(number, "-")
	digits, scale, err := decompose(unsigned)
	if err != nil {
		return "", err
	}
	if digits == "" {
		return "0", nil
	}
	if scale < 0 {
		return "", errFraction
	}
	digits += strings.Repeat("0", scale)
	if negative {
		digits = "-" + digits
	}
	return digits, nil
}

// decompose returns a number that is not negative as digits × 10^scale, where
// digits neither start nor end with 0; zero has none.
func decompose(number string) (digits string, scale int, err error) {
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(number), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := strings.TrimLeft(whole+fraction, "0")
	digits = strings.TrimRight(all, "0")
	if digits == "" {
		return "", 0, nil
	}
	if scaled {
		scale, err = strconv.Atoi(exponent)
	}
	if err != nil || max(scale, -scale) > len(number)+maxDigits {
		return "", 0, errOutOfRange
	}
	scale += len(all) - len(digits) - len(fraction)
	if len(digits) > maxDigits || max(scale, -scale) > maxDigits {
		return "", 0, errOutOfRange
	}
	return digits, scale, nil
}
