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

// yamlUnit is how many columns a map is indented in a file without nested maps.
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

// yamlError is the first error, with its line.
func yamlError(err error) error {
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
	reason, _, _ = strings.Cut(reason, "\n")
	if !strings.HasPrefix(reason, "line ") {
		reason = "line 1: " + reason // the parser omits the first line
	}
	return errors.New(reason)
}

// parseYAML returns the map that src is, nil if it is empty, and its lines.
func parseYAML(src []byte) (*yaml.Node, *yamlLines, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, nil, yamlError(err)
	}
	b := &yamlLines{newline: newlineOf(src), lines: slices.Collect(strings.Lines(string(src)))}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, b, nil
	}
	return doc.Content[0], b, nil
}

// isEmpty reports whether a value is null or an empty map.
func isEmpty(node *yaml.Node) bool {
	return node.Tag == "!!null" || node.Kind == yaml.MappingNode && len(node.Content) == 0
}

// findYAML returns the nodes of a key and its value, nil if there are none.
func findYAML(mapping *yaml.Node, key string) (name, value *yaml.Node) {
	for n := 0; mapping != nil && n+1 < len(mapping.Content); n += 2 {
		if mapping.Content[n].Value == key {
			return mapping.Content[n], mapping.Content[n+1]
		}
	}
	return nil, nil
}

func lineYAML(src []byte, path []string) (line int) {
	node, _, _ := parseYAML(src)
	for _, key := range path {
		var name *yaml.Node
		if name, node = findYAML(node, key); name != nil {
			line = name.Line
		}
	}
	return line
}

type yamlLines struct {
	lines   []string
	newline string
}

func (b *yamlLines) bytes() []byte { return []byte(strings.Join(b.lines, "")) }

// replace replaces the lines from start to end.
func (b *yamlLines) replace(start, end int, lines []string) {
	if start > 0 && len(lines) > 0 && !strings.HasSuffix(b.lines[start-1], "\n") {
		b.lines[start-1] += b.newline
	}
	b.lines = slices.Replace(b.lines, start, end, lines...)
}

// end is the line after the value of the key in line n, which has that indentation: the
// value continues on lines that are indented deeper, and in a list at the key's own
// indentation. Blank lines and comments that follow belong to what comes next.
func (b *yamlLines) end(n, indent int) int {
	end := n + 1
	for n++; n < len(b.lines); n++ {
		line := strings.TrimRight(b.lines[n], blanks)
		content := strings.TrimLeft(line, " ")
		depth := len(line) - len(content)
		isElement := content == "-" || strings.HasPrefix(content, "- ")
		switch {
		case content == "" || depth <= indent && content[0] == '#':
			continue
		case depth < indent, depth == indent && !isElement:
			return end
		}
		end = n + 1
	}
	return end
}

// A yamlStep is a key of a path with its mapping and its value.
type yamlStep struct{ mapping, name, value *yaml.Node }

// follow returns the keys of path that are there, down to a map that holds nothing. It
// refuses maps on the way that cannot be edited.
func (b *yamlLines) follow(node *yaml.Node, path []string) (steps []yamlStep, err error) {
	for n, key := range path {
		if n > 0 && isEmpty(node) {
			break
		}
		if err := b.check(node, path[:n]); err != nil {
			return nil, err
		}
		name, value := findYAML(node, key)
		if name == nil {
			break
		}
		steps = append(steps, yamlStep{node, name, value})
		node = value
	}
	return steps, nil
}

func setYAML(src []byte, path []string, value any) ([]byte, error) {
	node, b, err := parseYAML(src)
	if err != nil {
		return nil, err
	}
	if node == nil || isEmpty(node) {
		return b.setRoot(node, nested(path, value))
	}
	steps, err := b.follow(node, path)
	if err != nil {
		return nil, err
	}
	below := nested(path[len(steps):], value)
	if n := len(steps) - 1; n >= 0 {
		node = steps[n].value
		if len(steps) == len(path) || isEmpty(node) {
			b.setValue(steps[n], below)
			return b.bytes(), nil
		}
	}
	last := node.Content[len(node.Content)-2]
	end := b.end(last.Line-1, indentOf(node))
	b.replace(end, end, b.write(below, indentOf(node), unitOf(node)))
	return b.bytes(), nil
}

// check refuses a map that is not written as keys that each begin a line.
func (b *yamlLines) check(node *yaml.Node, path []string) error {
	ok := node.Kind == yaml.MappingNode && node.Style&yaml.FlowStyle == 0
	for n := 0; ok && n < len(node.Content); n += 2 {
		ok = b.beginsLine(node.Content[n])
	}
	if ok {
		return nil
	}
	return fmt.Errorf("line %d: %s %w", node.Line, cmp.Or(strings.Join(path, "."), "the file"), errForm)
}

// beginsLine reports whether a key begins its line, with or without quotes, and its
// colon follows.
func (b *yamlLines) beginsLine(key *yaml.Node) bool {
	if key.Line > len(b.lines) {
		return false
	}
	line := b.lines[key.Line-1]
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) != key.Column-1 {
		return false
	}
	return slices.ContainsFunc([]string{"", `"`, "'"}, func(quote string) bool {
		rest, ok := strings.CutPrefix(text, quote+key.Value+quote)
		return ok && strings.HasPrefix(strings.TrimLeft(rest, " "), ":")
	})
}

// setRoot writes a value into a file that holds nothing, or {}.
func (b *yamlLines) setRoot(node *yaml.Node, value any) ([]byte, error) {
	if node != nil {
		if node.Line > len(b.lines) || strings.TrimRight(b.lines[node.Line-1], blanks) != "{}" {
			return nil, fmt.Errorf("line %d: the file %w", node.Line, errForm)
		}
		b.replace(node.Line-1, node.Line, nil)
	}
	b.replace(len(b.lines), len(b.lines), b.write(value, 0, yamlUnit))
	return b.bytes(), nil
}

// setValue replaces the value of a key; a comment after it stays.
func (b *yamlLines) setValue(at yamlStep, value any) {
	name, indent, line := at.name, indentOf(at.mapping), b.lines[at.name.Line-1]
	written := b.write(Object{{name.Value, value}}, indent, unitOf(at.mapping))
	_, first, _ := strings.Cut(strings.TrimRight(written[0], blanks), ":")
	written[0] = line[:afterColon(line, name)] + first + commentIn(line, name.LineComment+at.value.LineComment) + b.newline
	b.replace(name.Line-1, b.end(name.Line-1, indent), written)
}

// afterColon is where in its line the value of a key begins.
func afterColon(line string, name *yaml.Node) int {
	start := name.Column - 1 + len(name.Value)
	return start + strings.IndexByte(line[start:], ':') + 1
}

// commentIn is a comment in line with the blanks before it, "" if there is none.
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

func (b *yamlLines) write(value any, indent, unit int) []string {
	var lines []string
	object, _ := value.(Object)
	for _, m := range object {
		line := strings.Repeat(" ", indent) + wordYAML(m.Key) + ":"
		below, isObject := m.Value.(Object)
		text, isText := m.Value.(string)
		switch {
		case isObject && len(below) == 0:
			line += " {}"
		case isText:
			line += " " + wordYAML(text)
		case !isObject:
			line += " " + scalar(m.Value)
		}
		lines = append(lines, line+b.newline)
		lines = append(lines, b.write(below, indent+unit, unit)...)
	}
	return lines
}

// word matches what needs no quotes in any version of YAML, unless it is reserved.
var (
	word     = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*$`)
	reserved = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null)$`)
)

func wordYAML(s string) string {
	if word.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	return quote(s)
}

func removeYAML(src []byte, path []string) ([]byte, error) {
	mapping, b, err := parseYAML(src)
	if err != nil {
		return nil, err
	}
	steps, err := b.follow(mapping, path)
	if err != nil || len(steps) < len(path) { // a merged key has no place
		return nil, cmp.Or(err, fmt.Errorf("the file %w", errForm))
	}
	last := steps[len(steps)-1]
	b.replace(last.name.Line-1, b.end(last.name.Line-1, indentOf(last.mapping)), nil)
	if len(last.mapping.Content) == 2 && len(steps) > 1 {
		above := steps[len(steps)-2].name
		line := b.lines[above.Line-1]
		colon := afterColon(line, above)
		b.lines[above.Line-1] = line[:colon] + " {}" + line[colon:]
	}
	return b.bytes(), nil
}
