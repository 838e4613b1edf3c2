package custom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

// MaxOverlayBytes is how many bytes an overlay may have.
const MaxOverlayBytes = 1 << 20

const (
	maxTitle       = 80   // characters
	maxDescription = 1000 // characters
	maxValue       = 10_000
	maxEnum        = 50
	maxList        = 1000 // of tools, inputs, fields
)

// A OverlayError is one thing that is wrong in an overlay.
type OverlayError struct {
	Line    int // 0: of no line
	Message string
}

// Error tells the problem after its line.
func (p OverlayError) Error() string {
	if p.Line == 0 {
		return p.Message
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Message)
}

// Parse reads an overlay: a list of tools under expose. The entries are sound only
// if there are no problems. An empty file has neither.
func Parse(data []byte) ([]Entry, []OverlayError) {
	if len(data) > MaxOverlayBytes {
		return nil, []OverlayError{{0, fmt.Sprintf("the file has more than %d bytes", MaxOverlayBytes)}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, []OverlayError{yamlProblem(err)}
	}
	r := &reader{}
	r.file(doc.Content[0])
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.say(doc.Content[0], "the file holds more than one document")
	}
	slices.SortStableFunc(r.problems, func(a, b OverlayError) int { return a.Line - b.Line })
	return r.entries, r.problems
}

// yamlProblem takes the line out of what the parser says.
func yamlProblem(err error) OverlayError {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if where, what, found := strings.Cut(reason, ": "); found {
		if line, err := strconv.Atoi(strings.TrimPrefix(where, "line ")); err == nil {
			return OverlayError{line, what}
		}
	}
	return OverlayError{1, reason}
}

// A reader walks an overlay and collects what is wrong with it.
type reader struct {
	entries  []Entry
	problems []OverlayError
}

func (r *reader) say(at *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, OverlayError{at.Line, fmt.Sprintf(format, args...)})
}

// A setting reads the value of one key.
type setting struct {
	key  string
	read func(value *yaml.Node)
}

// settings reads a map of these keys, each at most once, and returns the nodes of
// those that there are.
func (r *reader) settings(node *yaml.Node, of string, known []setting) map[string]*yaml.Node {
	there := map[string]*yaml.Node{}
	for _, m := range r.members(node, of) {
		i := slices.IndexFunc(known, func(s setting) bool { return s.key == m.name.Value })
		if i < 0 {
			r.say(m.name, "%s has no %q%s", of, output.Line(m.name.Value, maxTitle), suggestion(m.name.Value, known))
			continue
		}
		there[m.name.Value] = m.value
		known[i].read(m.value)
	}
	return there
}

func suggestion(key string, known []setting) string {
	keys := make([]string, len(known))
	for i, s := range known {
		keys[i] = s.key
	}
	near, ok := schemas.Nearest(key, keys)
	for _, known := range keys {
		if !ok && letters(known) == letters(key) { // two of them have changed places
			near, ok = known, true
		}
	}
	if ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; it has " + strings.Join(keys, ", ")
}

// letters are those of a word whatever their order.
func letters(word string) string {
	return string(slices.Sorted(slices.Values([]byte(word))))
}

type entry struct{ name, value *yaml.Node }

// members are the entries of a map whose names are text, each once.
func (r *reader) members(node *yaml.Node, of string) []entry {
	if node.Kind != yaml.MappingNode {
		r.say(node, "%s has to be a map of names to values", of)
		return nil
	}
	seen := map[string]int{}
	var list []entry
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		switch line, twice := seen[name.Value]; {
		case name.Kind != yaml.ScalarNode:
			r.say(name, "%s has a name that is no text", of)
		case twice:
			r.say(name, "%q is there twice, first in line %d", output.Line(name.Value, maxTitle), line)
		default:
			list = append(list, entry{name, value})
		}
		seen[name.Value] = name.Line
	}
	return list
}

func (r *reader) file(node *yaml.Node) {
	if isNull(node) {
		return
	}
	r.settings(node, "the file", []setting{{"expose", func(list *yaml.Node) {
		for _, item := range r.list(list, "expose") {
			r.entry(item)
		}
		r.checkNames()
	}}})
}

func (r *reader) list(node *yaml.Node, of string) []*yaml.Node {
	switch {
	case isNull(node):
		return nil
	case node.Kind != yaml.SequenceNode:
		r.say(node, "%s has to be a list", of)
		return nil
	case len(node.Content) > maxList:
		r.say(node, "%s has more than %d elements", of, maxList)
		return nil
	}
	return node.Content
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

func (r *reader) entry(node *yaml.Node) {
	e := Entry{Where: fmt.Sprintf("line %d", node.Line)}
	target := func(kind Kind) func(*yaml.Node) {
		return func(v *yaml.Node) {
			if e.ID != "" {
				r.say(v, "a tool runs a workflow or a template, not both")
			}
			e.Target = Target{kind, r.text(v, string(kind), maxDescription)}
			if !isTargetID(e.ID) {
				r.say(v, "the id of a %s has 1 to 128 letters, digits, _ and -", kind)
			}
		}
	}
	there := r.settings(node, "a tool", []setting{
		{"workflow", target(Workflow)},
		{"template", target(Template)},
		{"name", func(v *yaml.Node) { e.Name = r.toolName(v) }},
		{"title", func(v *yaml.Node) { e.Title = r.text(v, "title", maxTitle) }},
		{"description", func(v *yaml.Node) { e.Description = r.text(v, "description", maxDescription) }},
		{"source_name", func(v *yaml.Node) { e.SourceName = r.text(v, "source_name", maxDescription) }},
		{"inputs", func(v *yaml.Node) { e.Inputs = r.inputs(v) }},
		{"max_credits", func(v *yaml.Node) { e.MaxCredits = r.credits(v) }},
		{"typical_duration", func(v *yaml.Node) { e.TypicalDuration = r.duration(v) }},
		{"output_fields", func(v *yaml.Node) { e.OutputFields = r.texts(v, "output_fields", maxTitle) }},
	})
	if node.Kind == yaml.MappingNode && there["workflow"] == nil && there["template"] == nil {
		r.say(node, "a tool needs a workflow or a template, with its id")
	}
	r.entries = append(r.entries, e)
}

// checkNames holds the tools against each other.
func (r *reader) checkNames() {
	seen := map[string]string{}
	for _, e := range r.entries {
		if other, taken := seen[e.Name]; taken && e.Name != "" {
			line, _ := strconv.Atoi(strings.TrimPrefix(e.Where, "line "))
			r.problems = append(r.problems, OverlayError{line, fmt.Sprintf("two tools are named %s, the first in %s", e.Name, other)})
		}
		seen[e.Name] = e.Where
	}
}

func (r *reader) toolName(v *yaml.Node) string {
	name := r.text(v, "name", maxDescription)
	if problem := checkToolName(name); problem != "" {
		r.say(v, "%s", problem)
	}
	return name
}

// checkToolName says what is wrong with the name of a tool, nothing if it is sound.
func checkToolName(name string) string {
	if isToolName(name) {
		return ""
	}
	return fmt.Sprintf("%q is no name of a tool: those have 1 to %d letters, digits and _, and begin with a letter", output.Line(name, maxTitle), maxToolName)
}

func (r *reader) credits(v *yaml.Node) int64 {
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if v.Kind != yaml.ScalarNode || err != nil || n < 1 {
		r.say(v, "max_credits has to be a whole number from 1")
	}
	return n
}

func (r *reader) duration(v *yaml.Node) time.Duration {
	d, err := time.ParseDuration(v.Value)
	if v.Kind != yaml.ScalarNode || err != nil || d < time.Second || d > 24*time.Hour {
		r.say(v, "typical_duration has to be a time from 1s to 24h, as in 90s or 4m")
	}
	return d
}

// text is a scalar on one line, without what nobody can see.
func (r *reader) text(v *yaml.Node, of string, most int) string {
	switch {
	case v.Kind == yaml.AliasNode:
		r.say(v, "%s has to be written out: anchors are not followed here", of)
	case v.Kind != yaml.ScalarNode || isNull(v) || strings.TrimSpace(v.Value) == "":
		r.say(v, "%s has to be a text", of)
	case len([]rune(v.Value)) > most:
		r.say(v, "%s has more than %d characters", of, most)
	default:
		return output.Line(v.Value, most)
	}
	return ""
}

func (r *reader) texts(v *yaml.Node, of string, most int) []string {
	var list []string
	for _, item := range r.list(v, of) {
		list = append(list, r.text(item, "each of "+of, most))
	}
	return list
}
