package schemas

import "encoding/json"

// A node is one schema, with only the keywords that every client takes. Its fields
// are in the order in which they are written.
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

	normalize normalizer // nil: by the type alone
}

// Properties keep the order of the struct's fields: prompt caches depend on it.
type properties []property

type property struct {
	name string
	*node
}

// MarshalJSON writes the properties as an object in their order.
func (p properties) MarshalJSON() ([]byte, error) {
	members := make([]member, len(p))
	for i, property := range p {
		members[i] = member{name: property.name, value: encode(property.node)}
	}
	return joinObject(members), nil
}

func (p properties) names() []string {
	names := make([]string, len(p))
	for i, property := range p {
		names[i] = property.name
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
