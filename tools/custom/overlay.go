package custom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// MaxOverlayBytes is the largest overlay.
const MaxOverlayBytes = 1 << 20

const (
	maxTitle       = 80 // characters
	maxDescription = 1000
	maxValue       = 10_000 // bytes
	maxEnum        = 50
	maxList        = 1000 // tools, inputs, fields
)

// An OverlayError is one mistake in an overlay.
type OverlayError struct {
	Line    int // 0: unknown
	Message string
}

// Error returns the message after its line.
func (e OverlayError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Parse reads an overlay: a list of tools under expose. The entries are valid only if
// there are no errors. An empty file has no entries.
func Parse(data []byte) ([]Entry, []OverlayError) {
	if len(data) > MaxOverlayBytes {
		return nil, []OverlayError{{0, fmt.Sprintf("the file has more than %d bytes", MaxOverlayBytes)}}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, []OverlayError{syntaxError(err)}
	}
	r := &reader{}
	r.file(document.Content[0])
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.errorf(document.Content[0], "the file has more than one document")
	}
	slices.SortStableFunc(r.errors, func(a, b OverlayError) int { return a.Line - b.Line })
	return r.entries, r.errors
}

// syntaxError separates the line in an error of the parser.
func syntaxError(err error) OverlayError {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if where, message, found := strings.Cut(reason, ": "); found {
		if line, err := strconv.Atoi(strings.TrimPrefix(where, "line ")); err == nil {
			return OverlayError{line, message}
		}
	}
	return OverlayError{1, reason}
}

// A reader reads an overlay and collects its errors. Its methods take what a value is
// of for messages, such as "title".
type reader struct {
	entries []Entry
	errors  []OverlayError
}

func (r *reader) errorf(at *yaml.Node, format string, args ...any) {
	r.errors = append(r.errors, OverlayError{at.Line, fmt.Sprintf(format, args...)})
}

// A setting reads the value of one key.
type setting struct {
	key  string
	read func(value *yaml.Node)
}

// settings reads a map with these keys, and returns the values that it has.
func (r *reader) settings(node *yaml.Node, of string, known []setting) map[string]*yaml.Node {
	values := map[string]*yaml.Node{}
	for _, m := range r.members(node, of) {
		i := slices.IndexFunc(known, func(s setting) bool { return s.key == m.name.Value })
		if i < 0 {
			r.errorf(m.name, "%s has no %q%s", of, oneLine(m.name.Value), suggestion(m.name.Value, known))
			continue
		}
		values[m.name.Value] = m.value
		known[i].read(m.value)
	}
	return values
}

func suggestion(key string, known []setting) string {
	keys := make([]string, len(known))
	for i, s := range known {
		keys[i] = s.key
	}
	if near, ok := schemas.Nearest(key, keys); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; it has " + strings.Join(keys, ", ")
}

type member struct{ name, value *yaml.Node }

// members returns the members of a map with unique names.
func (r *reader) members(node *yaml.Node, of string) []member {
	if node.Kind != yaml.MappingNode {
		r.errorf(node, "%s must be a map of names to values", of)
		return nil
	}
	lines := map[string]int{}
	var list []member
	for pair := range slices.Chunk(node.Content, 2) {
		name, value := pair[0], pair[1]
		switch line, twice := lines[name.Value]; {
		case name.Kind != yaml.ScalarNode:
			r.errorf(name, "%s has a name that is not text", of)
		case twice:
			r.errorf(name, "%q is there twice, first in line %d", oneLine(name.Value), line)
		default:
			list = append(list, member{name, value})
		}
		lines[name.Value] = name.Line
	}
	return list
}

func (r *reader) list(node *yaml.Node, of string) []*yaml.Node {
	switch {
	case isNull(node):
		return nil
	case node.Kind != yaml.SequenceNode:
		r.errorf(node, "%s must be a list", of)
		return nil
	case len(node.Content) > maxList:
		r.errorf(node, "%s has more than %d elements", of, maxList)
		return nil
	}
	return node.Content
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// text returns text without invisible characters, on one line.
func (r *reader) text(node *yaml.Node, of string, limit int) string {
	value := r.scalar(node, of, "text")
	if len([]rune(value)) > limit {
		r.errorf(node, "%s has more than %d characters", of, limit)
		return ""
	}
	return sanitize.OneLine(value, limit)
}

// value returns a scalar as it is written; nil with an error.
func (r *reader) value(node *yaml.Node, of string) *string {
	switch value := r.scalar(node, of, "text, a number, true or false"); {
	case len(value) > maxValue:
		r.errorf(node, "%s has more than %d bytes", of, maxValue)
	case strings.ContainsFunc(value, isControl):
		r.errorf(node, "%s has a control character", of)
	case value != "":
		return &value
	}
	return nil
}

// scalar returns a scalar that is not blank; empty with an error.
func (r *reader) scalar(node *yaml.Node, of, want string) string {
	switch {
	case node.Kind == yaml.AliasNode:
		r.errorf(node, "%s must be written out: aliases are not supported", of)
	case node.Kind != yaml.ScalarNode || isNull(node) || strings.TrimSpace(node.Value) == "":
		r.errorf(node, "%s must be %s", of, want)
	default:
		return node.Value
	}
	return ""
}

func isControl(c rune) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f }
