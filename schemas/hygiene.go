package schemas

import "encoding/json"

// Hygiene returns a sentence for each rule that the schema of a tool's arguments
// breaks and that some client or model provider is known to insist on.
func Hygiene(schema json.RawMessage) []string { return nil }

// HygieneOutput is [Hygiene] for the schema of a tool's result.
func HygieneOutput(schema json.RawMessage) []string { return nil }
