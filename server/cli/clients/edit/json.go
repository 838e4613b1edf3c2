package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

const (
	blanks = " \t\r\n"
	// jsonUnit indents a member in a file without indentation of its own.
	jsonUnit = "  "
)

// parseJSON parses src, and returns it with its value, which shares no memory with it.
// To white space and comments it adds an object.
func parseJSON(src []byte) ([]byte, hujson.Value, error) {
	root, err := hujson.Parse(bytes.Clone(src))
	if err == nil {
		return src, root, nil
	}
	if root, err := hujson.Parse(slices.Concat(src, []byte("\n"))); err == nil {
		return src, root, nil
	}
	src = slices.Concat(terminated(src), []byte("{}\n"))
	if root, err := hujson.Parse(bytes.Clone(src)); err == nil {
		return src, root, nil
	}
	// An error may quote the file after these words, and so a secret.
	const literal = "invalid literal"
	reason, _, cut := strings.Cut(strings.TrimPrefix(err.Error(), "hujson: "), literal)
	if cut {
		reason += literal
	}
	return nil, hujson.Value{}, errors.New(reason)
}

func decodeJSON(src []byte) (map[string]any, error) {
	_, root, err := parseJSON(src)
	if err != nil {
		return nil, err
	}
	if root.Value.Kind() != '{' {
		return nil, fmt.Errorf("line %d: the file is not an object", lineOf(src, root.StartOffset))
	}
	root.Standardize()
	dec := json.NewDecoder(bytes.NewReader(root.Pack()))
	dec.UseNumber()
	var doc map[string]any
	return doc, dec.Decode(&doc)
}

func lineJSON(src []byte, path []string) int {
	body, root, err := parseJSON(src)
	if err != nil {
		return 0
	}
	if at, rest, err := walkJSON(body, &root, path); err == nil && len(rest) == 0 {
		return lineOf(body, at.StartOffset)
	}
	return 0
}

// walkJSON follows path as far as it leads, and returns the value there and the rest
// of the path. A key that stands twice is an error: readers disagree on which counts.
func walkJSON(src []byte, at *hujson.Value, path []string) (*hujson.Value, []string, error) {
	for n, key := range path {
		member, err := memberJSON(src, at, key)
		if err != nil || member < 0 {
			return at, path[n:], err
		}
		at = &at.Value.(*hujson.Object).Members[member].Value
	}
	return at, nil, nil
}

// memberJSON is the index of a member, -1 if there is none.
func memberJSON(src []byte, at *hujson.Value, key string) (int, error) {
	found := -1
	object, _ := at.Value.(*hujson.Object)
	if object == nil {
		return found, nil
	}
	for n, m := range object.Members {
		switch {
		case m.Name.Value.(hujson.Literal).String() != key:
		case found >= 0:
			return -1, fmt.Errorf("line %d: %s is there twice", lineOf(src, m.Name.StartOffset), key)
		default:
			found = n
		}
	}
	return found, nil
}

func setJSON(src []byte, path []string, value any) ([]byte, error) {
	src, root, err := parseJSON(src)
	if err != nil {
		return nil, err
	}
	at, rest, err := walkJSON(src, &root, path)
	if err != nil {
		return nil, err
	}
	l := layoutOf(src, &root)
	if object, ok := at.Value.(*hujson.Object); ok && len(rest) > 0 {
		return l.insert(at, object, rest[0], nested(rest[1:], value)), nil
	}
	written := l.write(nested(rest, value), indentAt(src, at.StartOffset), l.inline)
	return splice(src, at.StartOffset, at.EndOffset, written), nil
}

type layout struct {
	src           []byte
	newline, unit string
	// inline says that the whole file is on one line.
	inline bool
	// colon is what stands between a key and its value on one line.
	colon string
}

func layoutOf(src []byte, root *hujson.Value) layout {
	l := layout{src: src, newline: newlineOf(src), unit: jsonUnit, colon: ": "}
	object, ok := root.Value.(*hujson.Object)
	if !ok || len(object.Members) == 0 {
		return l
	}
	all := src[root.StartOffset:root.EndOffset]
	l.inline = !bytes.Contains(all, []byte("\n"))
	if bytes.Contains(all, []byte(`":`)) && !bytes.Contains(all, []byte(`": `)) {
		l.colon = ":"
	}
	if unit := indentAt(src, object.Members[0].Name.StartOffset); unit != "" {
		l.unit = unit
	}
	return l
}

// insert adds a member after the last one of an object and the comments that follow it.
func (l layout) insert(at *hujson.Value, object *hujson.Object, key string, value any) []byte {
	inline, indent := l.inline, indentAt(l.src, at.StartOffset)+l.unit
	last := len(object.Members) - 1
	if last >= 0 {
		inline = !bytes.Contains(l.src[at.StartOffset:at.EndOffset], []byte("\n"))
		indent = indentAt(l.src, object.Members[last].Name.StartOffset)
	}
	closing := at.EndOffset - len("}")
	start := closing - trailingBlanks(object.AfterExtra)
	member := l.member(key, value, indent, inline)
	switch {
	case !inline:
		member = l.newline + indent + member
	case last >= 0:
		member = strings.TrimPrefix(l.colon, ":") + member
	}
	if hasTrailingComma(object) {
		member += ","
	}
	if !inline && !bytes.Contains(l.src[start:closing], []byte("\n")) {
		member += l.newline + strings.TrimSuffix(indent, l.unit)
	}
	out := splice(l.src, start, start, member)
	if last >= 0 && !hasTrailingComma(object) {
		end := object.Members[last].Value.EndOffset
		out = splice(out, end, end, ",")
	}
	return out
}

func (l layout) member(key string, value any, indent string, inline bool) string {
	colon := ": "
	if inline {
		colon = l.colon
	}
	return quote(key) + colon + l.write(value, indent, inline)
}

// write writes a value that begins on a line with the given indentation.
func (l layout) write(value any, indent string, inline bool) string {
	object, ok := value.(Object)
	if !ok {
		return scalar(value)
	}
	members := make([]string, 0, len(object))
	for _, m := range object {
		members = append(members, l.member(m.Key, m.Value, indent+l.unit, inline))
	}
	switch {
	case len(members) == 0:
		return "{}"
	case inline:
		return "{" + strings.Join(members, ","+strings.TrimPrefix(l.colon, ":")) + "}"
	}
	line := l.newline + indent + l.unit
	return "{" + line + strings.Join(members, ","+line) + l.newline + indent + "}"
}

// hasTrailingComma relies on what hujson documents of a last member.
func hasTrailingComma(object *hujson.Object) bool {
	last := len(object.Members) - 1
	return last >= 0 && object.Members[last].Value.AfterExtra != nil
}

func trailingBlanks(extra hujson.Extra) int {
	return len(extra) - len(bytes.TrimRight(extra, blanks))
}

// removeJSON removes a member with the comma that it no longer needs.
func removeJSON(src []byte, path []string) ([]byte, error) {
	src, root, err := parseJSON(src)
	if err != nil {
		return nil, err
	}
	at, _, err := walkJSON(src, &root, path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	member, err := memberJSON(src, at, path[len(path)-1])
	if err != nil {
		return nil, err
	}
	object := at.Value.(*hujson.Object)
	m := object.Members[member]
	start, end := m.Name.StartOffset-trailingBlanks(m.Name.BeforeExtra), m.Value.EndOffset
	isLast := member == len(object.Members)-1
	if !isLast || hasTrailingComma(object) {
		end += len(m.Value.AfterExtra) + len(",")
	}
	if len(object.Members) == 1 && len(bytes.Trim(src[at.StartOffset+1:start], blanks))+len(bytes.Trim(src[end:at.EndOffset-1], blanks)) == 0 {
		return splice(src, at.StartOffset, at.EndOffset, "{}"), nil
	}
	out := splice(src, start, end, "")
	if isLast && member > 0 && !hasTrailingComma(object) {
		before := object.Members[member-1].Value
		comma := before.EndOffset + len(before.AfterExtra)
		out = splice(out, comma, comma+len(","), "")
	}
	return out, nil
}
