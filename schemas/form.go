package schemas

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Field is one argument of a [Form].
type Field struct {
	Name        string
	Type        FieldType
	Description string
	Enum        []string        // of a Text, none if empty
	Default     json.RawMessage // what Decode puts where nothing was sent; nil: nothing
	Minimum     json.Number     // of an Integer, none if empty
	Maximum     json.Number
	Required    bool
}

// A FieldType says what a [Field] takes.
type FieldType string

// The types of fields.
const (
	Text    FieldType = "string" // numbers and booleans too, as they are written
	Integer FieldType = "integer"
	Number  FieldType = "number"
	Boolean FieldType = "boolean"
	Free    FieldType = "object" // any [Inputs]
)

// A Form is the arguments of a tool that nobody has written a struct for. It is
// what [Input] is: the same schema, the same coercion, the same words. Make one
// with [NewForm]; it may be copied and used concurrently.
type Form struct {
	schema    json.RawMessage
	arguments func() *arguments
}

// An Argument is one argument of a call, in the type that its field asks for.
type Argument struct {
	Name  string
	Value json.RawMessage
}

// Text returns the value as the text that a run takes.
func (a Argument) Text() string {
	if s, ok := text(a.Value); ok {
		return s
	}
	return strings.TrimSpace(string(a.Value))
}

// NewForm makes a form of fields whose names are keys that every client takes,
// each once, and whose defaults and enums fit their types.
func NewForm(fields []Field) Form {
	schema := formSchema(fields)
	return Form{
		schema: schema,
		// Few of many forms are ever filled in.
		arguments: sync.OnceValue(func() *arguments { return newArgumentsOf(formNode(fields), schema) }),
	}
}

// Schema is [Input.Schema].
func (f Form) Schema() json.RawMessage { return f.schema }

// Decode reads the arguments of one call, as [Input.Decode] does, in the order in
// which they were sent, defaults last.
func (f Form) Decode(raw json.RawMessage) ([]Argument, error) {
	object, err := f.arguments().read(raw)
	if err != nil {
		return nil, err
	}
	members := splitObject(object)
	filled := make([]Argument, len(members))
	for i, m := range members {
		filled[i] = Argument{m.name, m.value}
	}
	return filled, nil
}

// formNode is the form as a schema that coerces.
func formNode(fields []Field) *node {
	root := &node{Type: "object", AdditionalProperties: new(bool), Properties: properties{}}
	for _, field := range fields {
		n := &node{
			Type: string(field.Type), Description: field.Description, Enum: field.Enum, Default: field.Default,
			Minimum: field.Minimum, Maximum: field.Maximum,
		}
		switch field.Type {
		case Text:
			n.normalize = n.normalizeWritten
		case Free:
			n.normalize = normalizeInputs
		}
		root.Properties = append(root.Properties, property{field.Name, n})
		if field.Required {
			root.Required = append(root.Required, field.Name)
		}
	}
	return root
}

// normalizeWritten takes numbers and booleans for the text that they are written as.
func (n *node) normalizeWritten(raw json.RawMessage) (json.RawMessage, *fault) {
	written, fault := member{name: "value", value: raw}.inputText()
	if fault != nil {
		return nil, fault
	}
	return n.convertString(encode(written))
}

// formSchema writes what encode would make of formNode. There may be thousands of
// fields before the first tools/list: nothing is built that is not sent.
func formSchema(fields []Field) json.RawMessage {
	schema := make([]byte, 0, 128+64*len(fields))
	schema = append(schema, `{"type":"object","properties":{`...)
	for i, field := range fields {
		if i > 0 {
			schema = append(schema, ',')
		}
		schema = append(schema, '"')
		schema = append(schema, field.Name...)
		schema = append(schema, `":`...)
		schema = field.append(schema)
	}
	schema = append(schema, '}')
	if slices.ContainsFunc(fields, func(f Field) bool { return f.Required }) {
		schema = appendRequired(schema, fields)
	}
	return append(schema, `,"additionalProperties":false}`...)
}

func (f Field) append(schema []byte) []byte {
	schema = append(schema, `{"type":"`...)
	schema = append(append(schema, f.Type...), '"')
	if f.Description != "" {
		schema = append(append(schema, `,"description":`...), encode(f.Description)...)
	}
	if len(f.Enum) > 0 {
		schema = append(append(schema, `,"enum":`...), encode(f.Enum)...)
	}
	if f.Default != nil {
		schema = append(append(schema, `,"default":`...), f.Default...)
	}
	if f.Minimum != "" {
		schema = append(append(schema, `,"minimum":`...), f.Minimum...)
	}
	if f.Maximum != "" {
		schema = append(append(schema, `,"maximum":`...), f.Maximum...)
	}
	if f.Type == Free {
		schema = append(schema, `,"properties":{},"additionalProperties":true`...)
	}
	return append(schema, '}')
}

func appendRequired(schema []byte, fields []Field) []byte {
	schema = append(schema, `,"required":[`...)
	for _, field := range fields {
		if field.Required {
			schema = append(strconv.AppendQuote(schema, field.Name), ',')
		}
	}
	schema[len(schema)-1] = ']'
	return schema
}
