package custom

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

func (r *reader) file(node *yaml.Node) {
	if isNull(node) {
		return
	}
	r.settings(node, "the file", []setting{{"expose", func(list *yaml.Node) {
		seen := map[string]int{}
		for _, item := range r.list(list, "expose") {
			e := r.entry(item)
			if line, taken := seen[e.Name]; taken && e.Name != "" {
				r.errorf(item, "two tools are named %s, the first in line %d", e.Name, line)
			}
			seen[e.Name] = item.Line
			r.entries = append(r.entries, e)
		}
	}}})
}

func (r *reader) entry(node *yaml.Node) Entry {
	e := Entry{Where: fmt.Sprintf("line %d", node.Line)}
	target := func(kind Kind) func(*yaml.Node) {
		return func(v *yaml.Node) {
			if e.ID != "" {
				r.errorf(v, "a tool runs a workflow or a template, not both")
			}
			e.Target = Target{kind, r.text(v, string(kind), maxDescription)}
			if !isTargetID(e.ID) {
				r.errorf(v, "the id of a %s has %s", kind, targetIDForm)
			}
		}
	}
	values := r.settings(node, "a tool", []setting{
		{"workflow", target(Workflow)},
		{"template", target(Template)},
		{"name", func(v *yaml.Node) { e.Name = r.toolName(v) }},
		{"title", func(v *yaml.Node) { e.Title = r.text(v, "title", maxTitle) }},
		{"description", func(v *yaml.Node) { e.Description = r.text(v, "description", maxDescription) }},
		{"source_name", func(v *yaml.Node) { e.SourceName = r.text(v, "source_name", maxDescription) }},
		{"inputs", func(v *yaml.Node) { e.Inputs = r.inputs(v) }},
		{"max_credits", func(v *yaml.Node) { e.MaxCredits = r.credits(v) }},
		{"typical_duration", func(v *yaml.Node) { e.TypicalDuration = r.duration(v) }},
		{"output_fields", func(v *yaml.Node) {
			for _, item := range r.list(v, "output_fields") {
				e.OutputFields = append(e.OutputFields, r.text(item, "each of output_fields", maxTitle))
			}
		}},
	})
	if node.Kind == yaml.MappingNode && values["workflow"] == nil && values["template"] == nil {
		r.errorf(node, "a tool needs a workflow or a template, with its id")
	}
	return e
}

const targetIDForm = "1 to 128 letters, digits, _ and -"

func (r *reader) toolName(v *yaml.Node) string {
	name := r.text(v, "name", maxDescription)
	if err := checkToolName(name); err != nil && name != "" {
		r.errorf(v, "%v", err)
	}
	return name
}

func checkToolName(name string) error {
	if isToolName(name) {
		return nil
	}
	return fmt.Errorf("%q is not a tool name: it has 1 to %d letters, digits and _, and begins with a letter", oneLine(name), maxToolName)
}

func (r *reader) credits(v *yaml.Node) int64 {
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if v.Kind != yaml.ScalarNode || err != nil || n < 1 {
		r.errorf(v, "max_credits must be a whole number from 1")
	}
	return n
}

func (r *reader) duration(v *yaml.Node) time.Duration {
	d, err := time.ParseDuration(v.Value)
	if v.Kind != yaml.ScalarNode || err != nil || d < time.Second || d > 24*time.Hour {
		r.errorf(v, "typical_duration must be a duration from 1s to 24h, such as 90s or 4m")
	}
	return d
}

func (r *reader) inputs(node *yaml.Node) []Input {
	if isNull(node) {
		return nil
	}
	members := r.members(node, "inputs")
	if len(members) > maxList {
		r.errorf(node, "inputs has more than %d names", maxList)
		return nil
	}
	list := make([]Input, len(members))
	for i, m := range members {
		list[i] = r.input(m)
	}
	return list
}

func (r *reader) input(m member) Input {
	in := Input{Name: m.name.Value}
	if strings.TrimSpace(in.Name) == "" {
		r.errorf(m.name, "an input has no name")
	}
	if isNull(m.value) {
		return in
	}
	values := r.settings(m.value, "an input", []setting{
		{"type", func(v *yaml.Node) { in.Type = r.inputType(v) }},
		{"description", func(v *yaml.Node) { in.Description = r.text(v, "description", maxDescription) }},
		{"enum", func(v *yaml.Node) { in.Enum = r.enum(v) }},
		{"example", func(v *yaml.Node) { in.Example = r.text(v, "example", maxTitle) }},
		{"default", func(v *yaml.Node) { in.Default = r.value(v, "default") }},
		{"fixed", func(v *yaml.Node) { in.Fixed = r.value(v, "fixed") }},
		{"required", func(v *yaml.Node) { in.Required = r.boolean(v, "required") }},
	})
	r.checkInput(in, values)
	return in
}

// checkInput checks the settings of one input against each other.
func (r *reader) checkInput(in Input, values map[string]*yaml.Node) {
	name := oneLine(in.Name)
	for _, key := range []string{"description", "enum", "example", "default", "required"} {
		if in.Fixed != nil && values[key] != nil {
			r.errorf(values[key], "%q is fixed, so the model never sees it: %s has no effect", name, key)
		}
	}
	if in.Default != nil && in.Required {
		r.errorf(values["required"], "%q has a default, so it is not required: remove one of them", name)
	}
	if len(in.Enum) > 0 && in.Type.orString() != String {
		r.errorf(values["enum"], "enum is for type string, not %s", in.Type)
	}
	if in.Default != nil && len(in.Enum) > 0 && !slices.Contains(in.Enum, *in.Default) {
		r.errorf(values["default"], "the default %q is not in the enum", oneLine(*in.Default))
	}
	r.checkType(in.Type, "default", in.Default, values)
	r.checkType(in.Type, "fixed", in.Fixed, values)
}

// checkType does not show the value in its error: a fixed one may be a secret.
func (r *reader) checkType(t Type, key string, value *string, values map[string]*yaml.Node) {
	if value != nil && !t.accepts(*value) {
		r.errorf(values[key], "%s does not fit the type %s", key, t)
	}
}

// accepts reports whether text is a value of the type.
func (t Type) accepts(text string) bool {
	switch t {
	case Integer:
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case Number:
		isNumber := text != "" && (text[0] == '-' || isDigit(text[0]))
		return isNumber && text == strings.TrimSpace(text) && json.Valid([]byte(text))
	case Boolean:
		return text == "true" || text == "false"
	}
	return true
}

func (r *reader) inputType(v *yaml.Node) Type {
	kind := Type(r.text(v, "type", maxTitle))
	if kind != "" && !slices.Contains([]Type{String, Integer, Number, Boolean}, kind) {
		r.errorf(v, "there is no type %q: choose string, integer, number or boolean", string(kind))
		return String
	}
	return kind
}

func (r *reader) enum(v *yaml.Node) []string {
	var values []string
	for _, item := range r.list(v, "enum") {
		value := r.value(item, "each value of enum")
		switch {
		case value == nil:
		case slices.Contains(values, *value):
			r.errorf(item, "enum has %q twice", oneLine(*value))
		default:
			values = append(values, *value)
		}
	}
	if v.Kind == yaml.SequenceNode && (len(v.Content) == 0 || len(v.Content) > maxEnum) {
		r.errorf(v, "enum must have 1 to %d values", maxEnum)
	}
	return values
}

func (r *reader) boolean(v *yaml.Node, of string) bool {
	yes, err := strconv.ParseBool(strings.ToLower(v.Value))
	if v.Kind != yaml.ScalarNode || v.Tag != "!!bool" || err != nil {
		r.errorf(v, "%s must be true or false", of)
	}
	return yes
}

// ParseFlag reads the value of a flag: an id, or ID=TOOL_NAME.
func ParseFlag(kind Kind, flag, value string) (Entry, error) {
	id, name, named := strings.Cut(strings.TrimSpace(value), "=")
	e := Entry{Target: Target{kind, strings.TrimSpace(id)}, Name: strings.TrimSpace(name), Where: flag}
	if !isTargetID(e.ID) {
		return e, fmt.Errorf("%s has the form ID or ID=TOOL_NAME, and an id has %s", flag, targetIDForm)
	}
	if named {
		if err := checkToolName(e.Name); err != nil {
			return e, fmt.Errorf("%s: %w", flag, err)
		}
	}
	return e, nil
}
