package schemas

import (
	"bytes"
	"encoding/json"
)

// A node is one schema, with only the keywords that every client takes. Its
// fields are in the order in which they are written.
type node struct {
	Type                 string          `json:"type"`
	Description          string          `json:"description,omitempty"`
	Enum                 []string        `json:"enum,omitempty"`
	Default              json.RawMessage `json:"default,omitempty"`
	Minimum              json.Number     `json:"minimum,omitempty"`
	Maximum              json.Number     `json:"maximum,omitempty"`
	MinLength            *uint64         `json:"minLength,omitempty"`
	MaxLength            *uint64         `json:"maxLength,omitempty"`
	MinItems             *uint64         `json:"minItems,omitempty"`
	MaxItems             *uint64         `json:"maxItems,omitempty"`
	Items                *node           `json:"items,omitempty"`
	Properties           properties      `json:"properties,omitzero"`
	Required             []string        `json:"required,omitempty"`
	AdditionalProperties *bool           `json:"additionalProperties,omitempty"`

	// normalize is set where a Go type of ours takes more than its schema
	// tells. It returns what was sent as the schema has it.
	normalize func(json.RawMessage) (json.RawMessage, *fault)
}

// Properties keep the order of the struct's fields: prompt caches depend on it.
type properties []property

type property struct {
	name string
	*node
}

// MarshalJSON writes the properties as an object in their order.
func (p properties) MarshalJSON() ([]byte, error) {
	members := make([]member, 0, len(p))
	for _, property := range p {
		members = append(members, member{name: property.name, value: encode(property.node)})
	}
	return joinObject(members), nil
}

func (p properties) names() []string {
	names := make([]string, 0, len(p))
	for _, property := range p {
		names = append(names, property.name)
	}
	return names
}

// get returns the schema of the named property, or nil.
func (p properties) get(name string) *node {
	for _, property := range p {
		if property.name == name {
			return property.node
		}
	}
	return nil
}

// encode writes v, which always can be, without escaping <, > and & as
// encoding/json does for the sake of HTML.
func encode(v any) json.RawMessage {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("schemas: " + err.Error())
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
