package edit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlUnit is how many columns a map is indented where a file shows no habit of
// its own.
const yamlUnit = 2

func decodeYAML(src []byte) (map[string]any, error) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var root any
	if err := dec.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlError(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file holds more than one document")
	}
	doc, ok := root.(map[string]any)
	if !ok && root != nil {
		return nil, errors.New("line 1: the file is not a map of names to values")
	}
	return doc, nil
}

// yamlError says where an error is, on one line.
func yamlError(err error) error {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	reason = strings.TrimPrefix(reason, "unmarshal errors:\n  ")
	if first, _, many := strings.Cut(reason, "\n"); many {
		reason = first
	}
	if !strings.HasPrefix(reason, "line ") {
		reason = "line 1: " + reason // the parser leaves the first line out
	}
	return errors.New(reason)
}

// nodeYAML is the map that src is, nil if it is empty.
func nodeYAML(src []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, yamlError(err)
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return nil, nil
	}
	return doc.Content[0], nil
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// findYAML returns the nodes of a key and its value, nil if there are none.
func findYAML(mapping *yaml.Node, key string) (name, value *yaml.Node) {
	for n := 0; n+1 < len(mapping.Content); n += 2 {
		if mapping.Content[n].Value == key {
			return mapping.Content[n], mapping.Content[n+1]
		}
	}
	return nil, nil
}

func lineYAML(src []byte, path []string) int {
	node, err := nodeYAML(src)
	line := 0
	for _, key := range path {
		if err != nil || node == nil {
			return 0
		}
		var name *yaml.Node
		if name, node = findYAML(node, key); name == nil {
			return 0
		}
		line = name.Line
	}
	return line
}

// A block is text whose lines are known.
type block struct {
	lines   []string
	newline string
}

func blockOf(src []byte) *block {
	b := &block{newline: newlineOf(src)}
	for line := range strings.Lines(string(src)) {
		b.lines = append(b.lines, line)
	}
	return b
}

func (b *block) bytes() []byte { return []byte(strings.Join(b.lines, "")) }

// replace puts lines in the place of those from start to end.
func (b *block) replace(start, end int, lines []string) {
	if start > 0 && len(lines) > 0 && !strings.HasSuffix(b.lines[start-1], "\n") {
		b.lines[start-1] += b.newline
	}
	b.lines = slices.Replace(b.lines, start, end, lines...)
}

// end is the line behind the value of the key in line n that has the given
// indentation: the value goes on while lines are indented deeper, and while a
// list goes on at the key's own indentation. Blank lines and comments that follow
// belong to what comes next.
func (b *block) end(n, indent int) int {
	end := n + 1
	for n++; n < len(b.lines); n++ {
		line := strings.TrimRight(b.lines[n], blanks)
		content := strings.TrimLeft(line, " ")
		depth := len(line) - len(content)
		element := content == "-" || strings.HasPrefix(content, "- ")
		switch {
		case content == "" || depth <= indent && content[0] == '#':
			continue
		case depth < indent, depth == indent && !element:
			return end
		}
		end = n + 1
	}
	return end
}

func setYAML(src []byte, path []string, value any) ([]byte, error) {
	node, err := nodeYAML(src)
	if err != nil {
		return nil, err
	}
	b := blockOf(src)
	if node == nil || isEmptyFlow(node) {
		return b.setRoot(node, nested(path, value))
	}
	for n, key := range path {
		if err := b.check(node, path[:n]); err != nil {
			return nil, err
		}
		name, child := findYAML(node, key)
		switch {
		case name == nil:
			b.insert(node, key, nested(path[n+1:], value))
			return b.bytes(), nil
		case n == len(path)-1 || isNull(child) || isEmptyFlow(child):
			b.set(node, name, child, nested(path[n+1:], value))
			return b.bytes(), nil
		}
		node = child
	}
	return b.bytes(), nil
}

// check refuses a map that is not written as keys that each begin a line.
func (b *block) check(node *yaml.Node, path []string) error {
	form := node.Kind == yaml.MappingNode && node.Style&yaml.FlowStyle == 0
	for n := 0; form && n < len(node.Content); n += 2 {
		form = b.beginsLine(node.Content[n])
	}
	if form {
		return nil
	}
	return fmt.Errorf("line %d: %s %w", node.Line, cmp.Or(strings.Join(path, "."), "the file"), errForm)
}

// beginsLine reports whether a key stands at the beginning of its line, as it is
// or in quotes, with its colon behind it.
func (b *block) beginsLine(key *yaml.Node) bool {
	if key.Line > len(b.lines) {
		return false
	}
	indent, text := key.Column-1, strings.TrimLeft(b.lines[key.Line-1], " ")
	if len(b.lines[key.Line-1])-len(text) != indent {
		return false
	}
	for _, quote := range []string{"", `"`, "'"} {
		if rest, ok := strings.CutPrefix(text, quote+key.Value+quote); ok {
			return strings.HasPrefix(strings.TrimLeft(rest, " "), ":")
		}
	}
	return false
}

func isEmptyFlow(node *yaml.Node) bool {
	return node.Kind == yaml.MappingNode && len(node.Content) == 0
}

// setRoot writes a value into a file that holds nothing, or {}.
func (b *block) setRoot(node *yaml.Node, value any) ([]byte, error) {
	if node != nil {
		if node.Line > len(b.lines) || strings.TrimRight(b.lines[node.Line-1], blanks) != "{}" {
			return nil, fmt.Errorf("line %d: the file %w", node.Line, errForm)
		}
		b.replace(node.Line-1, node.Line, nil)
	}
	b.replace(len(b.lines), len(b.lines), b.write(value, 0, yamlUnit))
	return b.bytes(), nil
}

// insert adds a key behind the last one of a mapping.
func (b *block) insert(mapping *yaml.Node, key string, value any) {
	last := mapping.Content[len(mapping.Content)-2]
	indent := indentOf(mapping)
	end := b.end(last.Line-1, indent)
	b.replace(end, end, b.write(Object{{key, value}}, indent, unitOf(mapping)))
}

// set replaces the value of a key; a comment behind it stays.
func (b *block) set(mapping, name, old *yaml.Node, value any) {
	indent := indentOf(mapping)
	end := b.end(name.Line-1, indent)
	line := b.lines[name.Line-1]
	colon := colonIn(line, name)
	written := b.write(Object{{name.Value, value}}, indent, unitOf(mapping))
	_, first, _ := strings.Cut(strings.TrimRight(written[0], blanks), ":")
	written[0] = line[:colon] + first + commentIn(line, name.LineComment+old.LineComment) + b.newline
	b.replace(name.Line-1, end, written)
}

// colonIn is where the value of the key in line begins, behind the colon.
func colonIn(line string, name *yaml.Node) int {
	start := name.Column - 1 + len(name.Value)
	return start + strings.IndexByte(line[start:], ':') + 1
}

// commentIn is a comment with the blanks before it, as it stands in line.
func commentIn(line, comment string) string {
	before, _, found := strings.Cut(line, comment)
	if comment == "" || !found {
		return ""
	}
	return before[len(strings.TrimRight(before, blanks)):] + comment
}

// indentOf is how many columns the keys of a mapping are indented.
func indentOf(mapping *yaml.Node) int { return mapping.Content[0].Column - 1 }

// unitOf is how much deeper the maps in a mapping are indented.
func unitOf(mapping *yaml.Node) int {
	for _, child := range mapping.Content {
		if child.Kind == yaml.MappingNode && child.Style&yaml.FlowStyle == 0 {
			return indentOf(child) - indentOf(mapping)
		}
	}
	return yamlUnit
}

// write writes a value as lines.
func (b *block) write(value any, indent, unit int) []string {
	var lines []string
	object, _ := value.(Object)
	for _, m := range object {
		key := strings.Repeat(" ", indent) + plainYAML(m.Key) + ":"
		if below, ok := m.Value.(Object); ok && len(below) > 0 {
			lines = append(lines, key+b.newline)
			lines = append(lines, b.write(below, indent+unit, unit)...)
			continue
		}
		lines = append(lines, key+" "+scalarYAML(m.Value)+b.newline)
	}
	return lines
}

func scalarYAML(value any) string {
	switch v := value.(type) {
	case Object:
		return "{}"
	case string:
		return plainYAML(v)
	}
	return scalar(value)
}

// word is what needs no quotes in YAML, whatever version reads it, but for the
// names of other values.
var (
	word     = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*$`)
	reserved = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null)$`)
)

func plainYAML(s string) string {
	if word.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	return quote(s)
}

func removeYAML(src []byte, path []string) ([]byte, error) {
	mapping, err := nodeYAML(src)
	if err != nil {
		return nil, err
	}
	b := blockOf(src)
	var above *yaml.Node
	for n, key := range path[:len(path)-1] {
		if err := b.check(mapping, path[:n]); err != nil {
			return nil, err
		}
		above, mapping = findYAML(mapping, key)
	}
	if err := b.check(mapping, path[:len(path)-1]); err != nil {
		return nil, err
	}
	name, _ := findYAML(mapping, path[len(path)-1])
	b.replace(name.Line-1, b.end(name.Line-1, indentOf(mapping)), nil)
	if len(mapping.Content) == 2 && above != nil {
		b.empty(above)
	}
	return b.bytes(), nil
}

// empty gives a key that has lost its last member a map without any.
func (b *block) empty(name *yaml.Node) {
	line := b.lines[name.Line-1]
	colon := colonIn(line, name)
	b.lines[name.Line-1] = line[:colon] + " {}" + line[colon:]
}
