package schemas

import (
	"encoding/json"
	"strings"
)

// A Field is one argument of a [Form].
type Field struct {
	Name        string
	Type        FieldType
	Description string
	Enum        []string        // of a Text; empty: any value
	Default     json.RawMessage // the value where none was sent; nil: none
	Minimum     json.Number     // of an Integer; empty: none
	Maximum     json.Number
	Required    bool
}

// A FieldType is the type of a [Field].
type FieldType string

// The types of fields.
const (
	Text    FieldType = "string" // numbers and booleans too, as they are written
	Integer FieldType = "integer"
	Number  FieldType = "number"
	Boolean FieldType = "boolean"
	Free    FieldType = "object" // any [Inputs]
)

// A Form is the arguments of a tool that has no Go struct, with the schema, coercion
// and errors of an [Input]. Make one with [NewForm]; it may be copied and used
// concurrently.
type Form struct{ arguments *arguments }

// An Argument is one argument of a call, in the type of its field.
type Argument struct {
	Name  string
	Value json.RawMessage
}

// Text returns the value as the text that a run takes.
func (a Argument) Text() string {
	if s, ok := stringOf(a.Value); ok {
		return s
	}
	return strings.TrimSpace(string(a.Value))
}

// NewForm makes a form of fields whose names are unique and accepted by every client,
// and whose defaults and enums fit their types.
func NewForm(fields []Field) Form {
	root := &node{Type: "object", AdditionalProperties: new(bool), Properties: properties{}}
	for _, field := range fields {
		root.Properties = append(root.Properties, property{field.Name, field.node()})
		if field.Required {
			root.Required = append(root.Required, field.Name)
		}
	}
	return Form{newArguments(root)}
}

func (f Field) node() *node {
	n := &node{
		Type: string(f.Type), Description: f.Description, Enum: f.Enum, Default: f.Default,
		Minimum: f.Minimum, Maximum: f.Maximum,
	}
	switch f.Type {
	case Text:
		n.normalize = n.convertScalar
	case Free:
		n.Properties, n.AdditionalProperties = properties{}, new(true)
		n.normalize = normalize(readInputs)
	}
	return n
}

// convertScalar converts numbers and booleans to the text that they are written as.
func (n *node) convertScalar(raw json.RawMessage) (json.RawMessage, *valueError) {
	text, err := member{name: "value", value: raw}.inputText()
	if err != nil {
		return nil, err
	}
	return n.convertString(encode(text))
}

// Schema is [Input.Schema].
func (f Form) Schema() json.RawMessage { return f.arguments.schema }

// Decode reads the arguments of one call, as [Input.Decode] does, in the order in
// which they were sent, defaults last.
func (f Form) Decode(raw json.RawMessage) ([]Argument, error) {
	object, err := f.arguments.read(raw)
	if err != nil {
		return nil, err
	}
	var list []Argument
	for _, m := range splitObject(object) {
		list = append(list, Argument{m.name, m.value})
	}
	return list, nil
}
