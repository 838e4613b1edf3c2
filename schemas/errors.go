package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// maxProblems is how many problems one error tells.
const maxProblems = 5

// An ArgumentError tells a model what is wrong with the arguments that it sent
// and what to send instead.
type ArgumentError struct {
	// Problems has at least one element, in the order in which they matter.
	Problems []Problem
}

// A Problem is one thing that is wrong with a call's arguments.
type Problem struct {
	// Argument is the name of the top-level argument. It is empty where the
	// arguments as a whole are meant.
	Argument string
	// Message is a sentence that names the argument, the rule and the value.
	Message string
}

// Error returns the problems as sentences and what to do about them.
func (e *ArgumentError) Error() string {
	var sentences []string
	for _, problem := range e.Problems[:min(len(e.Problems), maxProblems)] {
		sentences = append(sentences, problem.Message)
	}
	if more := len(e.Problems) - maxProblems; more > 0 {
		sentences = append(sentences, fmt.Sprintf("%d more arguments are wrong.", more))
	}
	return strings.Join(append(sentences, "Correct this and call the tool again."), " ")
}

func refused(message string) error {
	return &ArgumentError{Problems: []Problem{{Message: message}}}
}

// undecodable translates what encoding/json could not put into the struct
// although the schema allows it: a number that does not fit.
func undecodable(err error) error {
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return refused("The arguments cannot be read.")
	}
	return &ArgumentError{Problems: []Problem{{
		Argument: mismatch.Field,
		Message:  mismatch.Field + " is out of range; send a value nearer to zero.",
	}}}
}

// show returns s quoted, shortened, and with everything escaped that is not
// meant to be seen.
func show(s string) string { return `"` + shorten(s) + `"` }

// showJSON returns a value as it was sent, as show does.
func showJSON(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return show(s)
	}
	return shorten(strings.TrimSpace(string(raw)))
}

func shorten(s string) string {
	const longest = 60
	var b strings.Builder
	count := 0
	for _, r := range s {
		if count++; count > longest {
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
