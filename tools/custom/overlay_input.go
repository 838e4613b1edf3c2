package custom

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/tools/output"
)

func (r *reader) inputs(node *yaml.Node) []Input {
	if isNull(node) {
		return nil
	}
	members := r.members(node, "inputs")
	if len(members) > maxList {
		r.say(node, "inputs has more than %d names", maxList)
		return nil
	}
	list := make([]Input, 0, len(members))
	for _, m := range members {
		list = append(list, r.input(m))
	}
	return list
}

func (r *reader) input(m entry) Input {
	in := Input{Name: m.name.Value}
	if strings.TrimSpace(in.Name) == "" {
		r.say(m.name, "an input has no name")
	}
	if isNull(m.value) {
		return in
	}
	there := r.settings(m.value, "an input", []setting{
		{"type", func(v *yaml.Node) { in.Type = r.kind(v) }},
		{"description", func(v *yaml.Node) { in.Description = r.text(v, "description", maxDescription) }},
		{"enum", func(v *yaml.Node) { in.Enum = r.enum(v) }},
		{"example", func(v *yaml.Node) { in.Example = r.text(v, "example", maxTitle) }},
		{"default", func(v *yaml.Node) { in.Default = r.value(v, "default") }},
		{"fixed", func(v *yaml.Node) { in.Fixed = r.value(v, "fixed") }},
		{"required", func(v *yaml.Node) { in.Required = r.yes(v, "required") }},
	})
	r.checkInput(in, there)
	return in
}

// checkInput holds the settings of one input against each other.
func (r *reader) checkInput(in Input, there map[string]*yaml.Node) {
	if in.Fixed != nil {
		for _, key := range []string{"description", "enum", "example", "default", "required"} {
			if there[key] != nil {
				r.say(there[key], "%q is fixed, so the model never sees it: %s has no effect beside fixed", output.Line(in.Name, maxTitle), key)
			}
		}
	}
	if in.Default != nil && in.Required {
		r.say(there["required"], "%q has a default, so it is not required: leave out one of both", output.Line(in.Name, maxTitle))
	}
	if len(in.Enum) > 0 && in.Type.orString() != String {
		r.say(there["enum"], "enum is for type string, not %s", in.Type)
	}
	if in.Default != nil && len(in.Enum) > 0 && !slices.Contains(in.Enum, *in.Default) {
		r.say(there["default"], "the default %q is not in the enum", output.Line(*in.Default, maxTitle))
	}
	for _, v := range []struct {
		value *string
		key   string
	}{{in.Default, "default"}, {in.Fixed, "fixed"}} {
		if v.value != nil && !in.Type.fits(*v.value) {
			// A fixed value may be a secret.
			r.say(there[v.key], "%s does not fit the type %s", v.key, in.Type)
		}
	}
}

// fits reports whether text is a value of the type.
func (t Type) fits(text string) bool {
	var err error
	switch t {
	case Integer:
		_, err = strconv.ParseInt(text, 10, 64)
	case Number:
		return isDecimal(text)
	case Boolean:
		return text == "true" || text == "false"
	}
	return err == nil
}

// isDecimal reports whether JSON has text as a number.
func isDecimal(text string) bool {
	begins := text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9')
	return begins && text == strings.TrimSpace(text) && json.Valid([]byte(text))
}

func (r *reader) kind(v *yaml.Node) Type {
	types := []Type{String, Integer, Number, Boolean}
	kind := Type(r.text(v, "type", maxTitle))
	if kind != "" && !slices.Contains(types, kind) {
		r.say(v, "there is no type %q: choose string, integer, number or boolean", string(kind))
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
			r.say(item, "enum has %q twice", output.Line(*value, maxTitle))
		default:
			values = append(values, *value)
		}
	}
	if v.Kind == yaml.SequenceNode && (len(v.Content) == 0 || len(v.Content) > maxEnum) {
		r.say(v, "enum has to have 1 to %d values", maxEnum)
	}
	return values
}

// value is a scalar as it is written; nil if it is none.
func (r *reader) value(v *yaml.Node, of string) *string {
	switch {
	case v.Kind == yaml.AliasNode:
		r.say(v, "%s has to be written out: anchors are not followed here", of)
	case v.Kind != yaml.ScalarNode || isNull(v) || strings.TrimSpace(v.Value) == "":
		r.say(v, "%s has to be one value, a text, a number or true or false", of)
	case len(v.Value) > maxValue:
		r.say(v, "%s has more than %d bytes", of, maxValue)
	case strings.ContainsFunc(v.Value, isControl):
		r.say(v, "%s holds a control character", of)
	default:
		return &v.Value
	}
	return nil
}

func isControl(c rune) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f }

func (r *reader) yes(v *yaml.Node, of string) bool {
	if v.Kind != yaml.ScalarNode || v.Tag != "!!bool" {
		r.say(v, "%s has to be true or false", of)
		return false
	}
	yes, err := strconv.ParseBool(strings.ToLower(v.Value))
	if err != nil {
		r.say(v, "%s has to be true or false", of)
	}
	return yes
}

// flagForm is how a tool is named on a command line.
const flagForm = "has the form ID or ID=TOOL_NAME"

// ParseFlag reads what a flag says of a tool: an id, and perhaps its name.
func ParseFlag(kind Kind, flag, value string) (Entry, error) {
	id, name, named := strings.Cut(strings.TrimSpace(value), "=")
	e := Entry{Target: Target{kind, strings.TrimSpace(id)}, Name: strings.TrimSpace(name), Where: flag}
	if !isTargetID(e.ID) {
		return e, fmt.Errorf("%s %s, and an id has 1 to 128 letters, digits, _ and -", flag, flagForm)
	}
	if named {
		if problem := checkToolName(e.Name); problem != "" {
			return e, fmt.Errorf("%s: %s", flag, problem)
		}
	}
	return e, nil
}
