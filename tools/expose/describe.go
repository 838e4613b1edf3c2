package expose

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

// mostTokens is what a definition may cost a prompt beyond what the user wrote for it.
const mostTokens = 150

// manyInputs are more than fit into mostTokens by their keys alone.
const manyInputs = 14

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
	for chars := 5 * tokens; chars > 0; chars = chars * 3 / 4 {
		line := output.Line(text, chars)
		if output.Tokens(line) > tokens {
			continue
		}
		if end := strings.LastIndex(line, ". "); end > len(line)/3 && line != output.Line(text, chars+1) {
			return line[:end+1]
		}
		return line
	}
	return ""
}

// describe makes the description and the schema, as full as they fit.
func (t *Tool) describe(def Definition) {
	t.Title = first(t.Title, output.Line(def.Name, maxTitle), t.Name)
	own, levels := t.Description, levels()
	if len(t.inputs) > manyInputs {
		levels = levels[len(levels)-1:] // nothing makes that fit
	}
	for _, level := range levels {
		t.Description = t.descriptionAt(own, def, level)
		t.fields = t.fieldsAt(level)
		t.form = schemas.NewForm(t.fields)
		if len(t.inputs) <= manyInputs && t.Tokens() <= mostTokens {
			break
		}
	}
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// Tokens is what the definition costs a prompt, rather too high: the estimate is good
// for texts, and of the brackets and quotes of a schema it is half as much again as
// they are.
func (t *Tool) Tokens() int {
	texts, bare := 0, slices.Clone(t.fields)
	for i, f := range bare {
		texts += output.Tokens(f.Description) + output.Tokens(strings.Join(f.Enum, ","))
		bare[i].Description, bare[i].Enum = "", nil
		if f.Description != "" || f.Enum != nil {
			texts += 4 // for their names
		}
	}
	return output.Tokens(t.Name+" "+t.Description) + texts + 2*output.Tokens(string(schemas.NewForm(bare).Schema()))/3
}

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
	if t.control.free != "" {
		text += fmt.Sprintf(" Inputs: as get_%s names them.", t.Kind)
	}
	return text + " Starts one paid run; if not done, follow it with get_task."
}

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
		fields = append(fields, schemas.Field{
			Name: in.key, Type: schemas.FieldType(in.Type.orString()), Description: in.describeAt(at),
			Enum: in.Enum, Default: in.defaultJSON(), Required: in.Required,
		})
	}
	if t.control.free != "" {
		fields = append(fields, schemas.Field{Name: t.control.free, Type: schemas.Free})
	}
	return append(fields,
		schemas.Field{Name: t.control.wait, Type: schemas.Integer, Default: json.RawMessage("25"), Minimum: "0", Maximum: "50"},
		schemas.Field{Name: t.control.again, Type: schemas.Boolean},
	)
}

// describeAt is what the user says of the input, and its name where the key does
// not show it.
func (in shown) describeAt(at level) string {
	text := in.Description
	if in.Example != "" {
		text = strings.TrimSpace(text + " Example: " + in.Example)
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
	cleaned, lost := clean(in.Name, isKeyByte)
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
