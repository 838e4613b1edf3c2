// Package edit changes one entry of a configuration file and leaves every other byte:
// comments, order, indentation, line ends.
//
// Begin with [Format.Put] and [Format.Remove]. Libraries that write a changed file
// format it anew, so they are used for positions only, and text is replaced there. The
// result is parsed, and returned only if it holds the change and nothing else differs.
//
// The package knows formats. It knows neither files nor whose entries they hold.
package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A Format is a language for configuration files.
type Format string

// The formats.
const (
	// JSON is JSON, and JSON with comments and trailing commas.
	JSON Format = ""
	// TOML is TOML 1.0.
	TOML Format = "toml"
	// YAML is YAML 1.2, one document a file.
	YAML Format = "yaml"
)

// An Object is a map whose keys have an order.
type Object []Member

// A Member is a key and its value: a string, bool, int, []string or [Object].
type Member struct {
	Key   string
	Value any
}

// errForm follows the name of a part that cannot be edited.
var errForm = errors.New("is written in a form that is not edited here; change it by hand")

// Lookup returns the value at path as a JSON decoder would, nil if there is none; the
// types of numbers are the format's own. It is an error if a value on the way is no map
// or the text is not of the format; errors name the line.
func (f Format) Lookup(src []byte, path ...string) (any, error) {
	_, body, err := splitMark(src)
	if err != nil {
		return nil, err
	}
	_, value, err := f.editor().lookup(body, path)
	return value, err
}

// Put makes the map at path hold the members of entry, and returns the changed text. A
// new map is added last in its parent; in an existing one only those members change
// that differ, and maps among them in the same way. Values at the paths in drop, which
// begin at the map, are removed. Without a difference the text is returned as it was.
func (f Format) Put(src []byte, path []string, entry Object, drop ...[]string) ([]byte, error) {
	return f.change(src, func(e editor, body []byte) ([]byte, error) {
		body, err := e.put(body, path, entry)
		for _, key := range drop {
			if err == nil {
				body, err = e.delete(body, slices.Concat(path, key))
			}
		}
		return body, err
	})
}

// Remove removes the value at path with its key, and returns the changed text; the text
// as it was if there is no such key.
func (f Format) Remove(src []byte, path ...string) ([]byte, error) {
	return f.change(src, func(e editor, body []byte) ([]byte, error) { return e.delete(body, path) })
}

// IsEmpty reports whether src holds neither a value nor a comment.
func (f Format) IsEmpty(src []byte) bool {
	_, body, err := splitMark(src)
	rest := bytes.TrimSpace(body)
	return err == nil && (len(rest) == 0 || f != TOML && string(rest) == "{}")
}

func (f Format) change(src []byte, apply func(editor, []byte) ([]byte, error)) ([]byte, error) {
	mark, body, err := splitMark(src)
	if err == nil {
		body, err = apply(f.editor(), body)
	}
	if err != nil {
		return nil, err
	}
	return slices.Concat(mark, body), nil
}

// An editor has a format's functions. They take text without a byte order mark and do
// not change it in place.
type editor struct {
	decode func(src []byte) (map[string]any, error)
	// line is where the key at path is, 0 if it is not found.
	line   func(src []byte, path []string) int
	set    func(src []byte, path []string, value any) ([]byte, error)
	remove func(src []byte, path []string) ([]byte, error)
}

func (f Format) editor() editor {
	switch f {
	case TOML:
		return editor{decodeTOML, lineTOML, setTOML, removeTOML}
	case YAML:
		return editor{decodeYAML, lineYAML, setYAML, removeYAML}
	default:
		return editor{decodeJSON, lineJSON, setJSON, removeJSON}
	}
}

// put sets the value at path where it differs, and of a map its members.
func (e editor) put(src []byte, path []string, value any) ([]byte, error) {
	doc, old, err := e.lookup(src, path)
	if err != nil {
		return nil, err
	}
	object, isObject := value.(Object)
	_, wasMap := old.(map[string]any)
	switch {
	case isObject && wasMap:
		for _, m := range object {
			if src, err = e.put(src, slices.Concat(path, []string{m.Key}), m.Value); err != nil {
				return nil, err
			}
		}
		return src, nil
	case reflect.DeepEqual(plain(old), plain(value)):
		return src, nil
	}
	out, err := e.set(src, path, value)
	if err != nil {
		return nil, err
	}
	return out, e.verify(out, with(doc, path, value))
}

func (e editor) delete(src []byte, path []string) ([]byte, error) {
	above, key := path[:len(path)-1], path[len(path)-1]
	doc, parent, err := e.lookup(src, above)
	if err != nil {
		return nil, err
	}
	members, _ := parent.(map[string]any)
	if _, ok := members[key]; !ok {
		return src, nil
	}
	out, err := e.remove(src, path)
	if err != nil {
		return nil, err
	}
	rest := maps.Clone(members)
	delete(rest, key)
	return out, e.verify(out, with(doc, above, rest))
}

// verify checks what an edited text holds. It fails if a file is written in a way that
// its parser's positions do not show.
func (e editor) verify(src []byte, want any) error {
	got, err := e.decode(src)
	if err != nil || !reflect.DeepEqual(plain(got), plain(want)) {
		return fmt.Errorf("the file %w", errForm)
	}
	return nil
}

// lookup returns what src holds, and the value at path in it; nil if a key is missing or
// null.
func (e editor) lookup(src []byte, path []string) (doc map[string]any, value any, err error) {
	if doc, err = e.decode(src); err != nil {
		return nil, nil, err
	}
	value = doc
	for n, key := range path {
		members, ok := value.(map[string]any)
		if !ok && value != nil {
			return nil, nil, fmt.Errorf("line %d: %s is not a map of names to values", e.line(src, path[:n]), strings.Join(path[:n], "."))
		}
		value = members[key]
	}
	return doc, value, nil
}

// with returns doc with another value at path; doc itself does not change.
func with(doc any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	members, _ := doc.(map[string]any)
	out := map[string]any{}
	maps.Copy(out, members)
	out[path[0]] = with(members[path[0]], path[1:], value)
	return out
}

// plain makes values from any source comparable. It leaves empty maps out.
func plain(value any) any {
	switch v := value.(type) {
	case Object:
		members := map[string]any{}
		for _, m := range v {
			members[m.Key] = m.Value
		}
		return plain(members)
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			member = plain(member)
			if below, ok := member.(map[string]any); !ok || len(below) > 0 {
				out[key] = member
			}
		}
		return out
	case []string:
		return plainList(v)
	case []any:
		return plainList(v)
	case int:
		return int64(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
	}
	return value
}

func plainList[T any](list []T) []any {
	out := make([]any, 0, len(list))
	for _, element := range list {
		out = append(out, plain(element))
	}
	return out
}

// nested wraps value into an object for each key of path.
func nested(path []string, value any) any {
	for _, key := range slices.Backward(path) {
		value = Object{{key, value}}
	}
	return value
}
