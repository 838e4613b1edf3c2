package custom

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

// mostTokens is what a definition may cost a prompt beyond what the user wrote for it.
const mostTokens = 150

const (
	// manyInputs are more than fit into mostTokens by their keys alone.
	manyInputs = 14
	// mostChosen is how many of so many are looked at: no more ever fit.
	mostChosen = 8
)

// A level is how much is told of what the user wrote nothing for, in tokens.
type level struct {
	description int // of the workflow's own description
	name        int // of its name
	note        int // of an input's name that its key does not show
	long        int // of one that its key shows the beginning of
}

func levels() []level {
	return []level{{80, 20, 30, 30}, {50, 20, 20, 15}, {30, 15, 15, 0}, {15, 12, 12, 0}, {0, 8, 12, 0}}
}

// within is the beginning of a text that costs at most so many tokens; of several
// sentences whole ones, where enough of them fit.
func within(text string, tokens int) string {
	text = beginning(text, 16*tokens) // more than fits, of most scripts
	for chars := 5 * tokens; chars > 0; {
		line := output.Line(text, chars)
		if cost := output.Tokens(line); cost > tokens {
			chars = min(chars*9/10, chars*tokens/cost)
			continue
		}
		if end := strings.LastIndex(line, ". "); end > len(line)/3 && line != output.Line(text, chars+1) {
			return line[:end+1]
		}
		return line
	}
	return ""
}

// describe makes the description and the schema, as full as they fit. The first
// inputs are those of which the entry tells; of the rest there may be more than are
// shown.
func (t *Tool) describe(def Definition, said int, rest others) {
	t.Title = first(t.Title, output.Line(def.Name, maxTitle), t.Name)
	own := t.Description
	if rest.count <= manyInputs {
		for _, level := range levels() {
			t.showAt(level, own, def)
			if t.Tokens() <= mostTokens+t.asked(own) {
				return
			}
		}
		if rest.count == 0 { // all that there is, the user has asked for
			return
		}
	}
	t.choose(own, def, said, rest)
}

func (t *Tool) showAt(at level, own string, def Definition) {
	t.Description = t.descriptionAt(own, def, at)
	t.formAt(at)
}

func (t *Tool) formAt(at level) {
	t.fields = t.fieldsAt(at)
	t.form = schemas.NewForm(t.fields)
}

// choose shows the inputs of which the entry tells, and as many of the rest as fit.
// The others go, by their own names, into one argument.
func (t *Tool) choose(own string, def Definition, said int, rest others) {
	at := level{description: 25, name: 12, note: 12}
	all := t.inputs
	keys := make([]string, len(all))
	for i, in := range all {
		keys[i] = in.key
	}
	t.inputs, t.control.free = all[:said], free("inputs", keys)
	t.more, t.must = rest.count, rest.required
	t.showAt(at, own, def)
	room := mostTokens + t.asked(own) - t.Tokens()
	for _, in := range all[said:] {
		room -= in.fieldAt(at).tokens()
		if room < 0 {
			break
		}
		t.inputs = all[:len(t.inputs)+1]
		t.more--
		if in.Required {
			t.must--
		}
	}
	t.formAt(at)
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// The tokens of what is in each definition, as counted: the end of the description,
// the schema without inputs, and what is in it where not all inputs are.
const (
	endTokens   = 17
	frameTokens = 40
	freeTokens  = 31
	fieldTokens = 6 // of a field beside its name and what is told of it
)

// Tokens is what the definition costs a prompt, rather too high.
func (t *Tool) Tokens() int {
	total := endTokens + frameTokens + keyTokens(t.Name) + output.Tokens(strings.TrimSuffix(t.Description, ending))
	if t.control.free != "" {
		total += freeTokens
	}
	for _, f := range t.fields[:len(t.inputs)] {
		total += field(f).tokens()
	}
	return total
}

// asked is how much of that is what the user wrote.
func (t *Tool) asked(own string) int {
	total := output.Tokens(own + strings.Join(t.OutputFields, ", "))
	for i, in := range t.inputs {
		bare := field{Name: in.key, Type: schemas.FieldType(in.Type.orString()), Required: in.Required}
		if in.Description+in.Example != "" || in.Default != nil || in.Enum != nil {
			total += field(t.fields[i]).tokens() - bare.tokens()
		}
	}
	return total
}

type field schemas.Field

// tokens is what the field adds to a schema.
func (f field) tokens() int {
	total := fieldTokens + keyTokens(f.Name)
	if f.Required {
		total += 2 + keyTokens(f.Name)
	}
	for _, text := range []string{f.Description, string(f.Default), strings.Join(f.Enum, `","`)} {
		if text != "" {
			total += 4 + output.Tokens(text)
		}
	}
	return total
}

// keyTokens estimates a name of letters, digits and _: the estimate for texts is a
// third more than those have.
func keyTokens(key string) int { return (3*output.Tokens(key) + 3) / 4 }

// descriptionAt is what the tool does, what it takes and brings, and what it costs.
func (t *Tool) descriptionAt(own string, def Definition, at level) string {
	text := own
	if text == "" {
		text = "Runs " + first(within(def.Name, at.name), "the "+t.Target.String())
		if about := within(def.Description, at.description); about != "" {
			text += ": " + about
		}
	}
	text = ended(text)
	if len(t.OutputFields) > 0 {
		text += " Brings " + strings.Join(t.OutputFields, ", ") + "."
	}
	if t.TypicalDuration > 0 {
		text += " Takes about " + about(t.TypicalDuration) + "."
	}
	return text + ending
}

// ending is how each description ends.
const ending = " Starts one paid run; if not done, follow it with get_task."

// ended is a text with an end.
func ended(text string) string {
	for _, end := range []string{".", "…", "!", "?", "。"} {
		if strings.HasSuffix(text, end) {
			return text
		}
	}
	return text + "."
}

func about(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

// fieldsAt are the arguments: the inputs, then those that steer the call.
func (t *Tool) fieldsAt(at level) []schemas.Field {
	fields := make([]schemas.Field, 0, len(t.inputs)+3)
	for _, in := range t.inputs {
		fields = append(fields, schemas.Field(in.fieldAt(at)))
	}
	if t.control.free != "" {
		fields = append(fields, schemas.Field{Name: t.control.free, Type: schemas.Free, Description: t.describeFree(), Required: t.must > 0})
	}
	return append(fields,
		schemas.Field{Name: t.control.wait, Type: schemas.Integer, Default: json.RawMessage("25"), Minimum: "0", Maximum: "50"},
		schemas.Field{Name: t.control.again, Type: schemas.Boolean},
	)
}

// describeFree is how the inputs that have no argument of their own are named.
func (t *Tool) describeFree() string {
	names := fmt.Sprintf("Named as get_%s tells", t.Kind)
	if t.unread {
		names = "By the names that they have in BrowserAct"
	}
	if t.more == 0 {
		return names
	}
	return fmt.Sprintf("%d more, %d required, %s", t.more, t.must, strings.ToLower(names[:1])+names[1:])
}

func (in shown) fieldAt(at level) field {
	return field{
		Name: in.key, Type: schemas.FieldType(in.Type.orString()), Description: in.describeAt(at),
		Enum: in.Enum, Default: in.defaultJSON(), Required: in.Required,
	}
}

// describeAt is what the user says of the input, and its name where the key does
// not show it.
func (in shown) describeAt(at level) string {
	text := in.Description
	switch {
	case in.Example != "" && text != "":
		text = ended(text) + " Example: " + in.Example
	case in.Example != "":
		text = "Example: " + in.Example
	}
	name := in.note(at)
	switch {
	case name == "":
		return text
	case text == "":
		return name
	}
	return name + ": " + text
}

func (in shown) note(at level) string {
	cleaned, lost := clean(beginning(in.Name, maxLooked), isKeyByte)
	most := at.note
	switch {
	case in.key == in.Name, in.key == cleaned: // at most, spaces and marks became _
		return ""
	case !lost && len(cleaned) > mostKey:
		most = at.long
	}
	return within(in.Name, most)
}

// defaultJSON is the default in the input's own type.
func (in shown) defaultJSON() json.RawMessage {
	if in.Default == nil {
		return nil
	}
	if in.Type.orString() != String {
		return json.RawMessage(*in.Default)
	}
	quoted, err := json.Marshal(*in.Default)
	if err != nil {
		return nil
	}
	return quoted
}
