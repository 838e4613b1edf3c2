package custom

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxTokens is what a definition may add to a prompt, without what the user wrote.
	maxTokens = 150
	// maxListed is how many inputs fit into maxTokens, by their keys alone.
	maxListed = 14
	// maxCandidates is how many of more inputs are considered: more never fit.
	maxCandidates = 8
)

// A detail is how many tokens may describe what the user did not.
type detail struct {
	description int // the target's own description
	name        int // the target's name
	input       int // the name of an input whose key does not show it
	longInput   int // the name of an input whose key shows the beginning of it
}

// details are from full to bare.
func details() []detail {
	return []detail{{80, 20, 30, 30}, {50, 20, 20, 15}, {30, 15, 15, 0}, {15, 12, 12, 0}, {0, 8, 12, 0}}
}

// describe makes the description and the fields, with as much detail as fits. The
// first inputs are configured; others are those that are not.
func (t *Tool) describe(def Definition, configured int, others []browseract.Parameter) {
	t.Title = cmp.Or(t.Title, oneLine(def.Name), t.Name)
	own := t.Description
	if len(others) <= maxListed {
		for _, d := range details() {
			t.describeAt(d, own, def)
			if t.Tokens() <= maxTokens+t.ownTokens(own) {
				return
			}
		}
		if len(others) == 0 { // the user configured all of it
			return
		}
	}
	t.listSome(own, def, configured, others)
}

func (t *Tool) describeAt(d detail, own string, def Definition) {
	t.Description = t.descriptionAt(own, def, d)
	t.fields = t.fieldsAt(d)
}

// listSome gives an argument to the configured inputs and to as many of the others as
// fit. The rest go, by their own names, into one argument.
func (t *Tool) listSome(own string, def Definition, configured int, others []browseract.Parameter) {
	d := detail{description: 25, name: 12, input: 12}
	all := t.inputs
	keys := make([]string, len(all))
	for i, in := range all {
		keys[i] = in.key
	}
	t.inputs, t.control.inputs = all[:configured], unused("inputs", keys)
	t.unlisted = len(others)
	for _, p := range others {
		if p.Required() {
			t.unlistedMust++
		}
	}
	t.describeAt(d, own, def)
	budget := maxTokens + t.ownTokens(own) - t.Tokens()
	for _, in := range all[configured:] {
		budget -= fieldTokens(in.fieldAt(d))
		if budget < 0 {
			break
		}
		t.inputs = all[:len(t.inputs)+1]
		t.unlisted--
		if in.Required {
			t.unlistedMust--
		}
	}
	t.fields = t.fieldsAt(d)
}

// The measured tokens of the constant parts of a definition.
const (
	endingTokens    = 17 // the end of the description
	frameTokens     = 40 // the schema without inputs
	inputsTokens    = 31 // the argument for all other inputs
	minFieldTokens  = 6  // a field without its name and description
	attributeTokens = 4  // a description, default or enum without its text
)

// Tokens estimates what the definition adds to a prompt, rather too high.
func (t *Tool) Tokens() int {
	total := endingTokens + frameTokens + keyTokens(t.Name) + output.Tokens(strings.TrimSuffix(t.Description, ending))
	if t.control.inputs != "" {
		total += inputsTokens
	}
	for _, f := range t.fields[:len(t.inputs)] {
		total += fieldTokens(f)
	}
	return total
}

// ownTokens is the part of Tokens that the user wrote.
func (t *Tool) ownTokens(own string) int {
	total := output.Tokens(own + strings.Join(t.OutputFields, ", "))
	for i, in := range t.inputs {
		if in.Description+in.Example != "" || in.Default != nil || in.Enum != nil {
			total += fieldTokens(t.fields[i]) - fieldTokens(schemas.Field{Name: in.key, Required: in.Required})
		}
	}
	return total
}

func fieldTokens(f schemas.Field) int {
	total := minFieldTokens + keyTokens(f.Name)
	if f.Required {
		total += 2 + keyTokens(f.Name)
	}
	for _, text := range []string{f.Description, string(f.Default), strings.Join(f.Enum, `","`)} {
		if text != "" {
			total += attributeTokens + output.Tokens(text)
		}
	}
	return total
}

// keyTokens estimates the tokens of a key: three quarters of those of a text.
func keyTokens(key string) int { return (3*output.Tokens(key) + 3) / 4 }

// ending is the end of each description.
const ending = " Starts one paid run; if not done, follow it with get_task."

// descriptionAt is what the tool does, returns and costs.
func (t *Tool) descriptionAt(own string, def Definition, d detail) string {
	text := own
	if text == "" {
		text = "Runs " + cmp.Or(excerpt(def.Name, d.name), "the "+t.Target.String())
		if about := excerpt(def.Description, d.description); about != "" {
			text += ": " + about
		}
	}
	text = sentence(text)
	if len(t.OutputFields) > 0 {
		text += " Returns " + strings.Join(t.OutputFields, ", ") + "."
	}
	if t.TypicalDuration > 0 {
		text += " Takes about " + roughly(t.TypicalDuration) + "."
	}
	return text + ending
}

// excerpt returns the beginning of a text in at most that many tokens: whole sentences
// if they are more than a third of it.
func excerpt(text string, tokens int) string {
	text = sanitize.Prefix(text, 16*tokens) // more than fits, of most scripts
	for chars := 5 * tokens; chars > 0; {
		line := sanitize.OneLine(text, chars)
		if n := output.Tokens(line); n > tokens {
			chars = min(chars*9/10, chars*tokens/n)
			continue
		}
		if end := strings.LastIndex(line, ". "); end > len(line)/3 && line != sanitize.OneLine(text, chars+1) {
			return line[:end+1]
		}
		return line
	}
	return ""
}

// sentence ends a text that has no end.
func sentence(text string) string {
	if last, _ := utf8.DecodeLastRuneInString(text); strings.ContainsRune(".…!?。", last) {
		return text
	}
	return text + "."
}

func roughly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

// fieldsAt are the inputs, then the control arguments.
func (t *Tool) fieldsAt(d detail) []schemas.Field {
	fields := make([]schemas.Field, 0, len(t.inputs)+3)
	for _, in := range t.inputs {
		fields = append(fields, in.fieldAt(d))
	}
	if t.control.inputs != "" {
		fields = append(fields, schemas.Field{Name: t.control.inputs, Type: schemas.Free, Description: t.describeUnlisted(), Required: t.unlistedMust > 0})
	}
	return append(fields,
		schemas.Field{Name: t.control.wait, Type: schemas.Integer, Default: json.RawMessage("25"), Minimum: "0", Maximum: "50"},
		schemas.Field{Name: t.control.duplicate, Type: schemas.Boolean},
	)
}

// describeUnlisted says how inputs without an argument of their own are named.
func (t *Tool) describeUnlisted() string {
	names := fmt.Sprintf("Named as in get_%s", t.Kind)
	if t.noDefinition {
		names = "By their names in BrowserAct"
	}
	if t.unlisted == 0 {
		return names
	}
	return fmt.Sprintf("%d more, %d required, %s", t.unlisted, t.unlistedMust, strings.ToLower(names[:1])+names[1:])
}

func (a argument) fieldAt(d detail) schemas.Field {
	field := schemas.Field{
		Name: a.key, Type: schemas.FieldType(a.Type.orString()), Description: a.descriptionAt(d),
		Enum: a.Enum, Required: a.Required,
	}
	if a.Default != nil {
		field.Default = json.RawMessage(*a.Default)
		if a.Type.orString() == String {
			field.Default, _ = json.Marshal(*a.Default) // a string always can be
		}
	}
	return field
}

// descriptionAt is the user's description, after the input's name where the key does
// not show it.
func (a argument) descriptionAt(d detail) string {
	text := a.Description
	if a.Example != "" {
		if text != "" {
			text = sentence(text) + " "
		}
		text += "Example: " + a.Example
	}
	name := a.nameAt(d)
	if name != "" && text != "" {
		name += ": "
	}
	return name + text
}

func (a argument) nameAt(d detail) string {
	cleaned, lost := clean(sanitize.Prefix(a.Name, maxKeySource), isKeyByte)
	switch {
	case a.key == a.Name, a.key == cleaned: // only spaces and punctuation became _
		return ""
	case !lost && len(cleaned) > maxKey:
		return excerpt(a.Name, d.longInput)
	}
	return excerpt(a.Name, d.input)
}
