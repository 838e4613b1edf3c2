// Package edit changes one entry of a configuration file and leaves every other
// byte as it was: comments, order, indentation, line ends.
//
// Begin with [Format.Put] and [Format.Remove]. The libraries that could write a
// changed file set it anew, so they are asked for positions only, and text is
// replaced there. What comes out is read again, and given back only if it says
// what it has to say and nothing else has changed.
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
type Format int

// The formats.
const (
	// JSON is JSON, and JSON with comments and trailing commas.
	JSON Format = iota
	// TOML is TOML 1.0.
	TOML
	// YAML is YAML 1.2, one document a file.
	YAML
)

// An Object is a map whose keys have an order.
type Object []Member

// A Member is a key and its value: a string, bool, int, []string or [Object].
type Member struct {
	Key   string
	Value any
}

// errForm says that a place is written in a form that is left to people. It
// follows what is written so.
var errForm = errors.New("is written in a form that is not edited here; change it by hand")

// Lookup returns the value at path as a JSON decoder would, nil if there is none;
// numbers have types of the format's own. A value on the way that is no map is an
// error, as is text that is not of the format; errors name the line.
func (f Format) Lookup(src []byte, path ...string) (any, error) {
	t, err := decodeText(src)
	if err != nil {
		return nil, err
	}
	e := f.editor()
	doc, err := e.decode(t.body)
	if err != nil {
		return nil, err
	}
	return e.lookup(t.body, doc, path)
}

// Put makes the map at path hold the members of entry, and returns the text with
// that change. A map that is not there is added last in its parent; of one that is
// there only those members change that differ, maps among them in the same way.
// Values at the paths in drop, which begin at the map, are taken away. Without a
// difference the text comes back as it was.
func (f Format) Put(src []byte, path []string, entry Object, drop ...[]string) ([]byte, error) {
	return f.change(src, func(e editor, body []byte) ([]byte, error) {
		body, err := e.put(body, path, entry)
		for _, key := range drop {
			if err == nil {
				body, err = e.take(body, slices.Concat(path, key))
			}
		}
		return body, err
	})
}

// Remove takes the value at path away with its key, and returns the text without
// them; the text as it was if there is no such key.
func (f Format) Remove(src []byte, path ...string) ([]byte, error) {
	return f.change(src, func(e editor, body []byte) ([]byte, error) {
		return e.take(body, path)
	})
}

// IsEmpty reports whether src says nothing: no value, and no comment either.
func (f Format) IsEmpty(src []byte) bool {
	t, err := decodeText(src)
	if err != nil {
		return false
	}
	rest := bytes.TrimSpace(t.body)
	return len(rest) == 0 || f != TOML && bytes.Equal(rest, []byte("{}"))
}

func (f Format) change(src []byte, apply func(editor, []byte) ([]byte, error)) ([]byte, error) {
	t, err := decodeText(src)
	if err != nil {
		return nil, err
	}
	body, err := apply(f.editor(), t.body)
	if err != nil {
		return nil, err
	}
	return slices.Concat(t.mark, body), nil
}

// An editor is what a format can do. Its functions take text without a byte order
// mark and do not change it in place.
type editor struct {
	decode func(src []byte) (map[string]any, error)
	// line is where the key at path stands, 0 if it is not found.
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

// put is Put without paths to drop.
func (e editor) put(src []byte, path []string, entry Object) ([]byte, error) {
	doc, err := e.decode(src)
	if err != nil {
		return nil, err
	}
	old, err := e.lookup(src, doc, path)
	if err != nil {
		return nil, err
	}
	if _, ok := old.(map[string]any); !ok {
		return e.replace(src, doc, path, entry)
	}
	for _, m := range entry {
		if src, err = e.putMember(src, slices.Concat(path, []string{m.Key}), m.Value); err != nil {
			return nil, err
		}
	}
	return src, nil
}

func (e editor) putMember(src []byte, path []string, value any) ([]byte, error) {
	if object, ok := value.(Object); ok {
		return e.put(src, path, object)
	}
	doc, err := e.decode(src)
	if err != nil {
		return nil, err
	}
	old, err := e.lookup(src, doc, path)
	if err != nil || reflect.DeepEqual(plain(old), plain(value)) {
		return src, err
	}
	return e.replace(src, doc, path, value)
}

// replace sets the value at path, and checks what has become of the text.
func (e editor) replace(src []byte, doc map[string]any, path []string, value any) ([]byte, error) {
	out, err := e.set(src, path, value)
	if err != nil {
		return nil, err
	}
	return out, e.verify(out, with(doc, path, value))
}

// take removes what is at path, if anything is, and checks what has become of the
// text.
func (e editor) take(src []byte, path []string) ([]byte, error) {
	doc, err := e.decode(src)
	if err != nil {
		return nil, err
	}
	above, key := path[:len(path)-1], path[len(path)-1]
	parent, err := e.lookup(src, doc, above)
	if err != nil {
		return nil, err
	}
	members, _ := parent.(map[string]any)
	if _, there := members[key]; !there {
		return src, nil
	}
	out, err := e.remove(src, path)
	if err != nil {
		return nil, err
	}
	rest := maps.Clone(members)
	delete(rest, key)
	if len(above) == 0 {
		return out, e.verify(out, rest)
	}
	return out, e.verify(out, with(doc, above, rest))
}

// verify holds an edited text to what it has to say. It fails where a file is
// written in a way that the positions of its parser do not show.
func (e editor) verify(src []byte, want map[string]any) error {
	got, err := e.decode(src)
	if err != nil || !reflect.DeepEqual(plain(got), plain(want)) {
		return fmt.Errorf("the file %w", errForm)
	}
	return nil
}

// lookup walks down doc, which is what src says. A key that is not there ends in
// nil, as does a null on the way.
func (e editor) lookup(src []byte, doc map[string]any, path []string) (any, error) {
	var value any = doc
	for n, key := range path {
		members, ok := value.(map[string]any)
		if !ok && value != nil {
			return nil, fmt.Errorf("line %d: %s is not a map of names to values", e.line(src, path[:n]), strings.Join(path[:n], "."))
		}
		value = members[key]
	}
	return value, nil
}

// with returns doc with another value at path; doc itself stays as it is.
func with(doc map[string]any, path []string, value any) map[string]any {
	out := maps.Clone(doc)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) > 1 {
		below, _ := out[path[0]].(map[string]any)
		value = with(below, path[1:], value)
	}
	out[path[0]] = value
	return out
}

// plain turns values of whatever origin into such that can be compared. A map
// that holds nothing is one that is not there.
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
