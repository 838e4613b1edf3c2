package schemas

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// maxDigits bounds the numbers that are read: far above what any argument means,
// far below what costs time to compute with.
const maxDigits = 400

var (
	errFraction = errors.New("not a whole number")
	errTooLarge = errors.New("too large")
)

// numberOf returns the text of the JSON number that raw is or holds as a string.
func numberOf(raw json.RawMessage) (string, bool) {
	if kindOf(raw) == isNumber {
		return strings.TrimSpace(string(raw)), true
	}
	s, _ := text(raw)
	s = strings.TrimSpace(s)
	return s, kindOf(json.RawMessage(s)) == isNumber && json.Valid([]byte(s))
}

// exactInteger returns the digits of a JSON number that is whole however it is
// written (42, 42.0, 4.2e1), without ever rounding it.
func exactInteger(number string) (string, error) {
	unsigned, negative := strings.CutPrefix(number, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(unsigned), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	fraction = strings.TrimRight(fraction, "0")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0", nil
	}
	shift, err := shiftOf(exponent)
	if err != nil || len(digits)+max(shift, -shift) > maxDigits {
		return "", errTooLarge
	}
	zeros := shift - len(fraction)
	if zeros < 0 {
		kept := strings.TrimRight(digits, "0")
		if len(digits)-len(kept) < -zeros {
			return "", errFraction
		}
		digits = digits[:len(digits)+zeros]
	} else {
		digits += strings.Repeat("0", zeros)
	}
	if negative {
		return "-" + digits, nil
	}
	return digits, nil
}

func shiftOf(exponent string) (int, error) {
	if exponent == "" {
		return 0, nil
	}
	shift, err := strconv.Atoi(exponent)
	if err != nil || shift > maxDigits || shift < -maxDigits {
		return 0, errTooLarge
	}
	return shift, nil
}
