package runs

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

// maxDecoded is up to how many bytes a value is compared in more forms than one.
const maxDecoded = 8 << 10

// matchValues compares a value that was sent with the one that is shown of it. They are
// others only if the shown one is whole, plain and not another form of the first.
func matchValues(sent, shown string) inputMatch {
	ours, match := plainValue(sent), otherInputs
	for _, form := range formsOf(shown) {
		if isSameValue(ours, form) {
			return sameInputs
		}
		if match == otherInputs && mayBeValue(ours, form) {
			match = unclearInputs
		}
	}
	return match
}

// formsOf returns a value as it is shown, and what it stands for where a system on the
// way has escaped it, twice perhaps.
func formsOf(shown string) []string {
	forms := []string{plainValue(shown)}
	if len(shown) > maxDecoded {
		return forms
	}
	for range 2 {
		for _, form := range slices.Clone(forms) {
			for _, decoded := range []string{html.UnescapeString(form), unescapeQuery(form), unescapeText(form)} {
				if decoded = plainValue(decoded); !slices.Contains(forms, decoded) {
					forms = append(forms, decoded)
				}
			}
		}
	}
	return forms
}

// plainValue is a value in one form of Unicode, with single spaces and without quotes
// around it.
func plainValue(value string) string {
	value = strings.Join(strings.Fields(norm.NFC.String(value)), " ")
	for len(value) > 1 && strings.IndexByte("\"'`", value[0]) >= 0 && value[len(value)-1] == value[0] {
		value = strings.TrimSpace(value[1 : len(value)-1])
	}
	return value
}

func unescapeQuery(value string) string {
	if plain, err := url.QueryUnescape(value); err == nil {
		return plain
	}
	return value
}

// unescapeText undoes the escapes of JSON and Go.
func unescapeText(value string) string {
	value = strings.ReplaceAll(value, `\/`, "/")
	if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(value, `"`, `\"`) + `"`); err == nil {
		return plain
	}
	return value
}

// isSameValue reports whether two plain values are one, except that theirs may be all
// upper or all lower case.
func isSameValue(ours, theirs string) bool {
	return theirs == ours || theirs == strings.ToLower(ours) || theirs == strings.ToUpper(ours)
}

// mayBeValue reports whether a shown value is not whole, or may be ours in another form.
func mayBeValue(ours, theirs string) bool {
	return isMasked(ours, theirs) || isCut(ours, theirs) || isWrapped(theirs) || isToken(theirs) && !isToken(ours) ||
		hasSameWords(ours, theirs) || isSameNumber(ours, theirs) || isSameBool(ours, theirs) ||
		isSameDate(ours, theirs) || hasLostLetters(ours, theirs)
}

// maskWords stand in the place of values.
var maskWords = lazyregexp.New(`(?i)redact|mask|hidden|secret|filtered|encrypt|removed|omitted|sensitive|truncat|\bobject\b`)

// isMasked reports whether a value stands in the place of another one.
func isMasked(ours, theirs string) bool {
	switch strings.ToLower(theirs) {
	case "", "null", "nil", "none", "undefined", "n/a", "string", "number", "text", "value":
		return true
	}
	for _, mark := range []string{"*", "•", "●", "█", "\ufffd"} {
		if strings.Contains(theirs, mark) && !strings.Contains(ours, mark) {
			return true
		}
	}
	bare := bareValue(theirs)
	return bare == "" || strings.Trim(bare, "x") == "" || isInBrackets(theirs) && !isInBrackets(ours) || maskWords().MatchString(theirs)
}

func isInBrackets(value string) bool {
	return value != "" && strings.IndexByte("<[({", value[0]) >= 0 && strings.IndexByte(">])}", value[len(value)-1]) >= 0
}

// cutMark finds what follows a value that was cut, such as dots or a note.
var cutMark = lazyregexp.New(`\s*(?:\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|[~…-]|\.\.+)$`)

// isCut reports whether a shown value may be what is left of ours, or ours with more
// behind it. A number is shown whole.
func isCut(ours, theirs string) bool {
	if isNumber(ours) && isNumber(theirs) {
		return false
	}
	ours, theirs = strings.ToLower(ours), strings.ToLower(theirs)
	for _, mark := range []string{"…", "[...]", "..."} {
		if head, tail, found := strings.Cut(theirs, mark); found {
			head, tail = strings.TrimSpace(head), strings.TrimSpace(tail)
			return head != "" && strings.HasPrefix(ours, head) || head == "" && strings.HasSuffix(ours, tail)
		}
	}
	rest, longer := strings.CutPrefix(theirs, ours)
	next := strings.IndexFunc(rest, isWordRune) // at 0 our last word goes on
	return strings.Contains(ours, cutMark().ReplaceAllString(theirs, "")) || longer && next != 0
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isWrapped reports whether a value is JSON that may have ours inside.
func isWrapped(theirs string) bool {
	return (theirs[0] == '{' || theirs[0] == '[') && json.Valid([]byte(theirs))
}

// token finds what may be a hash of a value, or its encryption.
var token = lazyregexp.New(`^(?:(?:[a-zA-Z0-9_-]+:)*(?:[0-9a-fA-F]{16,}|[A-Za-z0-9+/_-]{14,}={0,2})|(?:[a-zA-Z0-9_-]+:)+[A-Za-z0-9][A-Za-z0-9+/_-]{7,}={0,2})$`)

func isToken(value string) bool {
	return token().MatchString(value) && strings.ContainsAny(value, "0123456789=:") && strings.ToUpper(value) != strings.ToLower(value)
}

// hasSameWords reports whether two values differ only in signs, accents, case or order.
func hasSameWords(ours, theirs string) bool {
	return bareValue(ours) == bareValue(theirs) || slices.Equal(wordsOf(ours), wordsOf(theirs))
}

// bareValue is a value without accents, case, spaces and signs.
func bareValue(value string) string { return bareName(norm.NFKD.String(value)) }

func wordsOf(value string) []string {
	words := strings.FieldsFunc(strings.ToLower(value), func(r rune) bool { return !isWordRune(r) })
	slices.Sort(words)
	return words
}

func isNumber(value string) bool {
	_, err := parseNumber(value)
	return err == nil
}

func isSameNumber(ours, theirs string) bool {
	x, err := parseNumber(ours)
	y, otherErr := parseNumber(theirs)
	return err == nil && otherErr == nil && x == y
}

func parseNumber(value string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64)
}

func isSameBool(ours, theirs string) bool {
	for _, words := range [][]string{{"true", "yes", "1", "on", "y"}, {"false", "no", "0", "off", "n"}} {
		if slices.Contains(words, strings.ToLower(ours)) && slices.Contains(words, strings.ToLower(theirs)) {
			return true
		}
	}
	return false
}

var (
	digits  = lazyregexp.New(`\d+`)
	letters = lazyregexp.New(`\pL{3}`)
	date    = lazyregexp.New(`^\D{0,12}\d{1,4}\D{1,12}\d{1,4}(?:\D{1,12}\d{1,4})?(?:[T ].*)?$`)
)

// isSameDate reports whether two dates have numbers in common that make them one: the
// order differs, and the month may be a word.
func isSameDate(ours, theirs string) bool {
	if !date().MatchString(ours) || !date().MatchString(theirs) {
		return false
	}
	known, shown := numbersIn(ours), numbersIn(theirs)
	for _, n := range shown {
		if !slices.Contains(known, n) {
			return false
		}
	}
	return len(shown) == len(known) || len(shown) == 2 && letters().MatchString(theirs)
}

// numbersIn returns the numbers in a text, without leading zeros and zeros.
func numbersIn(text string) []string {
	var found []string
	for _, n := range digits().FindAllString(text, -1) {
		if n = strings.TrimLeft(n, "0"); n != "" {
			found = append(found, n)
		}
	}
	return found
}

// hasLostLetters reports whether theirs may be ours with letters that are not ASCII
// replaced or lost: its other letters are all there, in their order.
func hasLostLetters(ours, theirs string) bool {
	isASCII := func(r rune) bool { return r < unicode.MaxASCII }
	kept := bareName(strings.Map(func(r rune) rune {
		if !isASCII(r) {
			return -1
		}
		return r
	}, ours))
	theirs = strings.ToLower(theirs)
	for _, r := range kept {
		_, rest, found := strings.Cut(theirs, string(r))
		if !found {
			return false
		}
		theirs = rest
	}
	return len(kept) < len(bareName(ours)) && (kept != "" || !strings.ContainsFunc(theirs, func(r rune) bool { return !isASCII(r) }))
}
