package schemas

import "encoding/json"

// Coerce returns the arguments as they are after coercion, before anything
// judged them, and whether coercion itself refused some.
func Coerce[T any](in Input[T], raw json.RawMessage) (coerced json.RawMessage, refused bool) {
	r, err := in.arguments.root.coerce(raw)
	if err != nil {
		return nil, true
	}
	return joinObject(r.members), len(r.problems) > 0
}
