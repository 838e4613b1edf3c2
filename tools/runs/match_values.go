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
	plain, match := plainValue(sent), otherInputs
	for _, form := range formsOf(shown) {
		if isSameValue(plain, form) {
			return sameInputs
		}
		if match == otherInputs && mayBeValue(plain, form) {
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

// isSameValue reports whether two plain values are one, except that the shown one may
// be all upper or all lower case.
func isSameValue(sent, shown string) bool {
	return shown == sent || shown == strings.ToLower(sent) || shown == strings.ToUpper(sent)
}

// mayBeValue reports whether a shown value is not whole, or may be the sent one in
// another form.
func mayBeValue(sent, shown string) bool {
	return isMasked(sent, shown) || isCut(sent, shown) || isWrapped(shown) || isToken(shown) && !isToken(sent) ||
		hasSameWords(sent, shown) || isSameNumber(sent, shown) || isSameBool(sent, shown) ||
		isSameDate(sent, shown) || hasLostLetters(sent, shown)
}

// maskWords stand in the place of values.
var maskWords = lazyregexp.New(`(?i)redact|mask|hidden|secret|filtered|encrypt|removed|omitted|sensitive|truncat|\bobject\b`)

// isMasked reports whether a value stands in the place of another one.
func isMasked(sent, shown string) bool {
	switch strings.ToLower(shown) {
	case "", "null", "nil", "none", "undefined", "n/a", "string", "number", "text", "value":
		return true
	}
	for _, mark := range []string{"*", "•", "●", "█", "\ufffd"} {
		if strings.Contains(shown, mark) && !strings.Contains(sent, mark) {
			return true
		}
	}
	bare := bareValue(shown)
	return bare == "" || strings.Trim(bare, "x") == "" || isInBrackets(shown) && !isInBrackets(sent) || maskWords().MatchString(shown)
}

func isInBrackets(value string) bool {
	return value != "" && strings.IndexByte("<[({", value[0]) >= 0 && strings.IndexByte(">])}", value[len(value)-1]) >= 0
}

// cutMark finds what follows a value that was cut, such as dots or a note.
var cutMark = lazyregexp.New(`\s*(?:\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|[~…-]|\.\.+)$`)

// isCut reports whether a shown value may be what is left of the sent one, or that with
// more behind it. A number is shown whole.
func isCut(sent, shown string) bool {
	if isNumber(sent) && isNumber(shown) {
		return false
	}
	sent, shown = strings.ToLower(sent), strings.ToLower(shown)
	for _, mark := range []string{"…", "[...]", "..."} {
		if head, tail, found := strings.Cut(shown, mark); found {
			head, tail = strings.TrimSpace(head), strings.TrimSpace(tail)
			return head != "" && strings.HasPrefix(sent, head) || head == "" && strings.HasSuffix(sent, tail)
		}
	}
	rest, longer := strings.CutPrefix(shown, sent)
	next := strings.IndexFunc(rest, isWordRune) // at 0 the last word goes on
	return strings.Contains(sent, cutMark().ReplaceAllString(shown, "")) || longer && next != 0
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isWrapped reports whether a value is JSON that may have the sent one inside.
func isWrapped(shown string) bool {
	return (shown[0] == '{' || shown[0] == '[') && json.Valid([]byte(shown))
}

// token finds what may be a hash of a value, or its encryption.
var token = lazyregexp.New(`^(?:(?:[a-zA-Z0-9_-]+:)*(?:[0-9a-fA-F]{16,}|[A-Za-z0-9+/_-]{14,}={0,2})|(?:[a-zA-Z0-9_-]+:)+[A-Za-z0-9][A-Za-z0-9+/_-]{7,}={0,2})$`)

func isToken(value string) bool {
	return token().MatchString(value) && strings.ContainsAny(value, "0123456789=:") && strings.ToUpper(value) != strings.ToLower(value)
}

// hasSameWords reports whether two values differ only in signs, accents, case or order.
func hasSameWords(sent, shown string) bool {
	return bareValue(sent) == bareValue(shown) || slices.Equal(wordsOf(sent), wordsOf(shown))
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

func isSameNumber(sent, shown string) bool {
	x, err := parseNumber(sent)
	y, otherErr := parseNumber(shown)
	return err == nil && otherErr == nil && x == y
}

func parseNumber(value string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64)
}

func isSameBool(sent, shown string) bool {
	for _, words := range [][]string{{"true", "yes", "1", "on", "y"}, {"false", "no", "0", "off", "n"}} {
		if slices.Contains(words, strings.ToLower(sent)) && slices.Contains(words, strings.ToLower(shown)) {
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
func isSameDate(sent, shown string) bool {
	if !date().MatchString(sent) || !date().MatchString(shown) {
		return false
	}
	all, some := numbersIn(sent), numbersIn(shown)
	if slices.ContainsFunc(some, func(n string) bool { return !slices.Contains(all, n) }) {
		return false
	}
	return len(some) == len(all) || len(some) == 2 && letters().MatchString(shown)
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

// hasLostLetters reports whether a shown value may be the sent one with letters that are
// not ASCII replaced or lost: its other letters are all there, in their order.
func hasLostLetters(sent, shown string) bool {
	isASCII := func(r rune) bool { return r < unicode.MaxASCII }
	kept := bareName(strings.Map(func(r rune) rune {
		if !isASCII(r) {
			return -1
		}
		return r
	}, sent))
	shown = strings.ToLower(shown)
	for _, r := range kept {
		_, rest, found := strings.Cut(shown, string(r))
		if !found {
			return false
		}
		shown = rest
	}
	return len(kept) < len(bareName(sent)) && (kept != "" || !strings.ContainsFunc(shown, func(r rune) bool { return !isASCII(r) }))
}
