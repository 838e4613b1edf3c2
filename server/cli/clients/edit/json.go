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
	// jsonUnit indents a member where a file shows no habit of its own.
	jsonUnit = "  "
)

// parseJSON reads src, and returns it with its value, which shares no memory with
// it. Where there is nothing but white space and comments an object is added.
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
	return nil, hujson.Value{}, jsonError(err)
}

// jsonError keeps what an error quotes of a file out of it: it may be a secret.
func jsonError(err error) error {
	reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "hujson: "), "invalid literal")
	if reason != strings.TrimPrefix(err.Error(), "hujson: ") {
		reason += "invalid literal"
	}
	return errors.New(reason)
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
	at := &root
	for _, key := range path {
		member, err := findJSON(body, at, key)
		if err != nil || member < 0 {
			return 0
		}
		at = &at.Value.(*hujson.Object).Members[member].Value
	}
	return lineOf(body, at.StartOffset)
}

// findJSON is the index of a member, -1 if it is not there. A key that stands
// twice is an error, since readers disagree on which one counts.
func findJSON(src []byte, value *hujson.Value, key string) (int, error) {
	found := -1
	object, ok := value.Value.(*hujson.Object)
	if !ok {
		return found, nil
	}
	for n, m := range object.Members {
		if m.Name.Value.(hujson.Literal).String() != key {
			continue
		}
		if found >= 0 {
			return -1, fmt.Errorf("line %d: %s is there twice", lineOf(src, m.Name.StartOffset), key)
		}
		found = n
	}
	return found, nil
}

func setJSON(src []byte, path []string, value any) ([]byte, error) {
	src, root, err := parseJSON(src)
	if err != nil {
		return nil, err
	}
	l := layoutOf(src, &root)
	at := &root
	for n, key := range path {
		object, ok := at.Value.(*hujson.Object)
		if !ok {
			return l.replace(at, nested(path[n:], value)), nil
		}
		member, err := findJSON(src, at, key)
		if err != nil {
			return nil, err
		}
		if member < 0 {
			return l.insert(at, object, key, nested(path[n+1:], value)), nil
		}
		at = &object.Members[member].Value
	}
	return l.replace(at, value), nil
}

// A layout is how a file is written, and the file.
type layout struct {
	src     []byte
	newline string
	unit    string
	// inline says that the whole file stands on one line.
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

func (l layout) replace(at *hujson.Value, value any) []byte {
	written := l.write(value, indentAt(l.src, at.StartOffset), l.inline)
	return splice(l.src, at.StartOffset, at.EndOffset, written)
}

// insert adds a member behind the last one of an object, and behind the comments
// that follow it.
func (l layout) insert(at *hujson.Value, object *hujson.Object, key string, value any) []byte {
	inline := l.inline
	indent := indentAt(l.src, at.StartOffset) + l.unit
	if last := len(object.Members) - 1; last >= 0 {
		inline = !bytes.Contains(l.src[at.StartOffset:at.EndOffset], []byte("\n"))
		indent = indentAt(l.src, object.Members[last].Name.StartOffset)
	}
	closing := at.EndOffset - len("}")
	place := closing - trailingBlanks(object.AfterExtra)
	member := quote(key) + l.colonOf(inline) + l.write(value, indent, inline)
	if inline {
		member = strings.TrimPrefix(l.colon, ":") + member
	} else {
		member = l.newline + indent + member
	}
	if len(object.Members) == 0 {
		member = strings.TrimPrefix(member, " ")
	}
	if hasTrailingComma(object) {
		member += ","
	}
	if !inline && !bytes.Contains(l.src[place:closing], []byte("\n")) {
		member += l.newline + strings.TrimSuffix(indent, l.unit)
	}
	out := splice(l.src, place, place, member)
	if last := len(object.Members) - 1; last >= 0 && !hasTrailingComma(object) {
		end := object.Members[last].Value.EndOffset
		out = splice(out, end, end, ",")
	}
	return out
}

func (l layout) colonOf(inline bool) string {
	if inline {
		return l.colon
	}
	return ": "
}

// write writes a value that begins on a line with the given indentation.
func (l layout) write(value any, indent string, inline bool) string {
	object, ok := value.(Object)
	if !ok {
		return scalar(value)
	}
	members := make([]string, 0, len(object))
	for _, m := range object {
		members = append(members, quote(m.Key)+l.colonOf(inline)+l.write(m.Value, indent+l.unit, inline))
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

// hasTrailingComma tells by what hujson documents of a last member.
func hasTrailingComma(object *hujson.Object) bool {
	last := len(object.Members) - 1
	return last >= 0 && object.Members[last].Value.AfterExtra != nil
}

func trailingBlanks(extra hujson.Extra) int {
	return len(extra) - len(bytes.TrimRight(extra, blanks))
}

func removeJSON(src []byte, path []string) ([]byte, error) {
	src, root, err := parseJSON(src)
	if err != nil {
		return nil, err
	}
	at := &root
	for _, key := range path[:len(path)-1] {
		member, err := findJSON(src, at, key)
		if err != nil {
			return nil, err
		}
		at = &at.Value.(*hujson.Object).Members[member].Value
	}
	member, err := findJSON(src, at, path[len(path)-1])
	if err != nil {
		return nil, err
	}
	return cutJSON(src, at, member), nil
}

// cutJSON takes a member away with the comma that it leaves without use.
func cutJSON(src []byte, at *hujson.Value, member int) []byte {
	object := at.Value.(*hujson.Object)
	m := object.Members[member]
	start := m.Name.StartOffset - trailingBlanks(m.Name.BeforeExtra)
	end := m.Value.EndOffset
	last := member == len(object.Members)-1
	if !last || hasTrailingComma(object) {
		end += len(m.Value.AfterExtra) + len(",")
	}
	if len(object.Members) == 1 && len(bytes.Trim(src[at.StartOffset+1:start], blanks))+len(bytes.Trim(src[end:at.EndOffset-1], blanks)) == 0 {
		return splice(src, at.StartOffset, at.EndOffset, "{}")
	}
	out := splice(src, start, end, "")
	if last && member > 0 && !hasTrailingComma(object) {
		before := object.Members[member-1].Value
		comma := before.EndOffset + len(before.AfterExtra)
		out = splice(out, comma, comma+len(","), "")
	}
	return out
}
