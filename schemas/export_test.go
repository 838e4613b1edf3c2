package schemas

import "encoding/json"

// Coerce returns the arguments after coercion and before validation, and whether
// coercion refused some.
func Coerce[T any](in Input[T], raw json.RawMessage) (coerced json.RawMessage, refused bool) {
	c, err := in.arguments.root.coerce(raw)
	if err != nil {
		return nil, true
	}
	return joinObject(c.members), len(c.errors) > 0
}
