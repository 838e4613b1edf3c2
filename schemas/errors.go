package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// An ArgumentError tells a model what is wrong with the arguments that it sent
// and what to send instead.
type ArgumentError struct {
	// Problems has at least one element: unknown arguments first, then the
	// others in the schema's order.
	Problems []Problem
}

// A Problem is one thing that is wrong with a call's arguments.
type Problem struct {
	// Argument is the name of the argument, or of the first of several, fit to
	// be shown. It is empty where the arguments as a whole are meant.
	Argument string
	// Message is a sentence that names the argument, the rule and the value.
	Message string
}

// Error returns the problems, at most five of them, and what to do.
func (e *ArgumentError) Error() string {
	const most = 5
	var sentences []string
	for _, problem := range e.Problems[:min(len(e.Problems), most)] {
		sentences = append(sentences, problem.Message)
	}
	if more := len(e.Problems) - most; more > 0 {
		sentences = append(sentences, fmt.Sprintf("%d more arguments are wrong too.", more))
	}
	return strings.Join(append(sentences, "Correct this and call the tool again."), " ")
}

// refused is the error of arguments that are wrong as a whole.
func refused(format string, args ...any) *ArgumentError {
	return &ArgumentError{Problems: []Problem{{Message: fmt.Sprintf(format, args...)}}}
}

// undecodable translates what encoding/json could not put into the struct
// although the schema allows it: a number that does not fit. The path that it
// tells begins with the structs that are embedded; a client knows its arguments.
func undecodable(err error, arguments []string) *ArgumentError {
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return refused("The arguments cannot be read.")
	}
	path := strings.Split(mismatch.Field, ".")
	for len(path) > 1 && !slices.Contains(arguments, path[0]) {
		path = path[1:]
	}
	message := strings.Join(path, ".") + " is out of range; send a number nearer to 0."
	return &ArgumentError{Problems: []Problem{{Argument: path[0], Message: message}}}
}

// A fault is what is wrong with one value, in words that follow its name.
type fault struct {
	place string // in the value, such as [2]; mostly empty
	words string
}

func wrong(format string, args ...any) *fault {
	return &fault{words: fmt.Sprintf(format, args...)}
}

// in returns the fault as one of the value that holds the wrong one at place.
func (f *fault) in(place string) *fault {
	return &fault{place: place + f.place, words: f.words}
}

// of returns the sentence about the value of that name.
func (f *fault) of(name string) string { return name + f.place + " " + f.words }

// Error returns the words: a fault also travels through encoding/json.
func (f *fault) Error() string { return f.words }

// show returns s quoted, shortened, and with everything escaped that is not
// meant to be seen.
func show(s string) string { return `"` + shorten(s) + `"` }

// showJSON is show for a value as it was sent.
func showJSON(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return show(s)
	}
	return shorten(strings.TrimSpace(string(raw)))
}

func shorten(s string) string {
	const longest = 64
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
