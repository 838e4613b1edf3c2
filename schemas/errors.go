package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	maxErrors  = 5  // sentences in one message
	maxExcerpt = 64 // characters of a value in a message
)

// An ArgumentError reports to a model which arguments are invalid, and what to send
// instead.
type ArgumentError struct {
	// Arguments has at least one element: unknown arguments first, then the others
	// in the schema's order.
	Arguments []InvalidArgument
}

// An InvalidArgument is one thing that is wrong with a call's arguments.
type InvalidArgument struct {
	// Name is the argument's name, or the first of several, cleaned for display.
	// It is empty where the arguments as a whole are invalid.
	Name string
	// Message is a sentence that names the argument, the rule and the value.
	Message string
}

// Error returns the first five messages, and what to do.
func (e *ArgumentError) Error() string {
	var sentences []string
	for _, argument := range e.Arguments[:min(len(e.Arguments), maxErrors)] {
		sentences = append(sentences, argument.Message)
	}
	if more := len(e.Arguments) - maxErrors; more > 0 {
		sentences = append(sentences, fmt.Sprintf("%d more arguments are invalid.", more))
	}
	return strings.Join(append(sentences, "Correct this and call the tool again."), " ")
}

// invalidArguments is the error of arguments that are invalid as a whole.
func invalidArguments(format string, args ...any) *ArgumentError {
	return &ArgumentError{[]InvalidArgument{{Message: fmt.Sprintf(format, args...)}}}
}

// decodeError explains why encoding/json refused arguments that the schema allows: a
// number that does not fit its Go type. The path in err begins with the embedded
// structs, which the client does not know.
func decodeError(err error, arguments []string) *ArgumentError {
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return invalidArguments("The arguments cannot be read.")
	}
	path := strings.Split(mismatch.Field, ".")
	for len(path) > 1 && !slices.Contains(arguments, path[0]) {
		path = path[1:]
	}
	message := strings.Join(path, ".") + " is out of range; send a number nearer to 0."
	return &ArgumentError{[]InvalidArgument{{path[0], message}}}
}

// A valueError is what is wrong with one value, in words that follow its name.
type valueError struct {
	path   string // in the value, such as [2]; empty: the value itself
	reason string
}

func invalid(format string, args ...any) *valueError {
	return &valueError{reason: fmt.Sprintf(format, args...)}
}

// at returns the error as one of the value that holds the invalid one at path.
func (e *valueError) at(path string) *valueError { return &valueError{path + e.path, e.reason} }

// of returns the sentence about the value of that name.
func (e *valueError) of(name string) string { return name + e.path + " " + e.reason }

// Error returns the reason, since the error also passes through encoding/json.
func (e *valueError) Error() string { return e.reason }

// quote returns s quoted, shortened, and with invisible characters escaped.
func quote(s string) string { return `"` + shorten(s) + `"` }

// quoteJSON is quote for a value as it was sent.
func quoteJSON(raw json.RawMessage) string {
	if s, ok := stringOf(raw); ok {
		return quote(s)
	}
	return shorten(strings.TrimSpace(string(raw)))
}

func shorten(s string) string {
	var b strings.Builder
	count := 0
	for _, r := range s {
		if count++; count > maxExcerpt {
			return b.String() + "…"
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
