package tools

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/browseract/browseract-mcp/tools/output"
)

// How many tokens definitions may cost a prompt: the default tools, and all
// tools together.
const (
	MaxDefaultTokens = 2400
	MaxTokens        = 3000
)

// counted has the o200k tokens of each definition as it was counted when it last
// changed, by [fingerprintOf]: the tokenizer is ten times as large as the program.
//
//go:embed tokens.json
var counted []byte

// Tokens returns what a tool's definition costs a prompt, in o200k tokens: its name,
// description and input schema. It is exact for the product's own tools, as all
// settings make them, and for any other an estimate that is rather too high.
func Tokens(name, description string, inputSchema json.RawMessage) (n int, exact bool) {
	var known map[string]int
	_ = json.Unmarshal(counted, &known) // a test reads it too
	text := name + description + string(inputSchema)
	if n, exact = known[fingerprintOf(text)]; exact {
		return n, true
	}
	return output.Tokens(name+" "+description) + schemaTokens(inputSchema), false
}

// schemaTokens estimates a schema from above: it is nearly all brackets and quotes, of
// which the estimate for texts is half as much again as they are, but for the texts in
// it.
func schemaTokens(schema json.RawMessage) int {
	var s struct {
		Properties map[string]struct {
			Description string
			Enum        []string
			Default     json.RawMessage
		}
	}
	_ = json.Unmarshal(schema, &s) // what cannot be read has no texts
	texts := 0
	for name, p := range s.Properties {
		texts += output.Tokens(name) + output.Tokens(p.Description) + output.Tokens(strings.Join(p.Enum, `","`)) + output.Tokens(string(p.Default))
	}
	return (2*output.Tokens(string(schema)) + texts + 2) / 3
}

func fingerprintOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
