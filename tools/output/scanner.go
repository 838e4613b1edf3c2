package output

import (
	"fmt"
	"strings"
)

// maxNesting is how deep brackets may nest, as in encoding/json.
const maxNesting = 10_000

// scanner checks JSON in one pass over a string, as strictly as encoding/json,
// and builds nothing. Its methods take the offset where something begins and
// return where it ends; once err is set, their results mean nothing.
type scanner struct {
	src   string
	depth int
	err   *syntaxError
}

// syntaxError says where JSON is invalid, and why.
type syntaxError struct {
	src    string
	offset int
	reason string
}

func (e *syntaxError) Error() string {
	before := e.src[:e.offset]
	line := strings.Count(before, "\n") + 1
	column := e.offset - strings.LastIndexByte(before, '\n')
	return fmt.Sprintf("%s at byte %d (line %d, column %d)", e.reason, e.offset, line, column)
}

// fail records the first error and returns the end of the source, which ends every loop.
func (s *scanner) fail(offset int, reason string) int {
	if s.err == nil {
		if offset >= len(s.src) {
			offset, reason = len(s.src), "it ends too early"
		}
		s.err = &syntaxError{s.src, offset, reason}
	}
	return len(s.src)
}

func (s *scanner) space(i int) int {
	for i < len(s.src) && isSpace(s.src[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func (s *scanner) at(i int) byte { return byteAt(s.src, i) }

// byteAt returns the byte at i, 0 past the end.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// value checks the value that begins at i.
func (s *scanner) value(i int) int {
	switch c := s.at(i); {
	case c == '"':
		return s.str(i)
	case c == '{' || c == '[':
		return s.elements(i, nil)
	case c == '-' || isDigit(c):
		return s.number(i)
	case c == 't':
		return s.literal(i, "true")
	case c == 'f':
		return s.literal(i, "false")
	case c == 'n':
		return s.literal(i, "null")
	}
	return s.fail(i, "no value begins")
}

// elements checks the array or object that begins at i. visit, unless nil, is called with
// each element and its key, if any; it checks the element and returns its end.
func (s *scanner) elements(i int, visit func(key span, element int) int) int {
	isObject := s.src[i] == '{'
	closing := s.src[i] + 2 // in ASCII
	if s.depth++; s.depth > maxNesting {
		return s.fail(i, "brackets nest deeper than 10,000")
	}
	if i = s.space(i + 1); s.at(i) == closing {
		return s.leave(i)
	}
	for {
		var key span
		if isObject {
			key, i = s.key(i)
		}
		if visit != nil {
			i = visit(key, i)
		} else {
			i = s.value(i)
		}
		switch i = s.space(i); s.at(i) {
		case ',':
			i = s.space(i + 1)
		case closing:
			return s.leave(i)
		default:
			return s.fail(i, "',' or '"+string(closing)+"' is missing")
		}
	}
}

func (s *scanner) leave(i int) int {
	s.depth--
	return i + 1
}

// key checks a key and its colon, and returns where the value begins.
func (s *scanner) key(i int) (key span, value int) {
	if s.at(i) != '"' {
		return key, s.fail(i, "a key in double quotes is missing")
	}
	key = span{i, s.str(i)}
	if i = s.space(key.end); s.at(i) != ':' {
		return key, s.fail(i, "':' is missing")
	}
	return key, s.space(i + 1)
}

func (s *scanner) str(i int) int {
	for i++; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			i = s.escape(i) - 1
		case c < ' ':
			return s.fail(i, "a control character is in a string")
		}
	}
	return s.fail(i, "")
}

func (s *scanner) escape(i int) int {
	switch s.at(i + 1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for n := 2; n < 6; n++ {
			if c := s.at(i + n); !isDigit(c) && (c|' ' < 'a' || 'f' < c|' ') {
				return s.fail(i+n, `\u needs four hexadecimal digits`)
			}
		}
		return i + 6
	}
	return s.fail(i+1, "an unknown escape is in a string")
}

func (s *scanner) number(i int) int {
	if s.at(i) == '-' {
		i++
	}
	if s.at(i) == '0' {
		i++
	} else {
		i = s.digits(i)
	}
	if s.at(i) == '.' {
		i = s.digits(i + 1)
	}
	if c := s.at(i); c == 'e' || c == 'E' {
		if c := s.at(i + 1); c == '+' || c == '-' {
			i++
		}
		i = s.digits(i + 1)
	}
	return i
}

func (s *scanner) digits(i int) int {
	if !isDigit(s.at(i)) {
		return s.fail(i, "a digit is missing")
	}
	for isDigit(s.at(i)) {
		i++
	}
	return i
}

func (s *scanner) literal(i int, word string) int {
	if !strings.HasPrefix(s.src[i:], word) {
		return s.fail(i, "no value begins")
	}
	return i + len(word)
}
