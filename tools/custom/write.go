package custom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/output"
)

// A OverlayTool is a tool that an overlay begins with.
type OverlayTool struct {
	*Tool
	Definition Definition
	// Disabled leaves the tool out until somebody takes the marks away.
	Disabled bool
}

// sketchHead tells what an overlay is, and what can be said in one.
const sketchHead = `# Tools of browseract-mcp that run one workflow or template each.
#
# Here stands what BrowserAct does not know; take away the # of what you use.
# browseract-mcp config check looks for mistakes, and a server that runs takes
# over what you save.
#
# A tool:     workflow or template (its id), name, title, description, max_credits
#             (a run that is waited for is stopped above it), typical_duration (4m),
#             output_fields ([name, price]), inputs, and source_name: what it was
#             called when this was written.
# An input:   type (string, integer, number, boolean), description, enum, example,
#             default, required, or fixed: a value that is sent with each run and
#             that the model never sees. For example
#               country: {description: Where to look, enum: [DE, FR], default: DE}
#               max_items: {type: integer, default: 20}
#               token: {fixed: abc}
`

// WriteOverlay writes an overlay of tools, with comments for whoever goes on from there.
// [Parse] finds nothing wrong in it.
func WriteOverlay(tools []OverlayTool) []byte {
	var b bytes.Buffer
	b.WriteString(sketchHead)
	b.WriteString("expose:\n")
	for _, tool := range tools {
		text := tool.sketch()
		if tool.Disabled {
			text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n# ")
			text = "# " + text + "\n"
		}
		b.WriteString("\n" + text)
	}
	return b.Bytes()
}

func (s OverlayTool) sketch() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - %s: %s\n", s.Kind, quoted(s.ID))
	fmt.Fprintf(&b, "    name: %s\n", quoted(s.Name))
	if called := output.Line(s.Definition.Name, maxDescription); called != "" {
		fmt.Fprintf(&b, "    source_name: %s\n", quoted(called))
	}
	fmt.Fprintf(&b, "    # description: %s\n", quoted(first(output.Line(s.Definition.Description, 300), "What it does, for a model to read.")))
	b.WriteString("    # max_credits: 100\n    # typical_duration: 5m\n    # output_fields: [name, price]\n")
	if len(s.inputs) > 0 {
		b.WriteString("    inputs:\n")
	}
	seen := map[string]bool{}
	for _, p := range s.Definition.Inputs {
		if !seen[p.Name] {
			b.WriteString(s.sketchInput(p))
		}
		seen[p.Name] = true
	}
	return b.String()
}

// sketchInput is the line of an input. One that the tool takes without naming it, as
// it does of many, is behind a #.
func (s OverlayTool) sketchInput(p browseract.Parameter) string {
	if utf8.RuneCountInString(quoted(p.Name)) > maxYAMLKey || strings.TrimSpace(p.Name) == "" || strings.ContainsFunc(p.Name, isControl) {
		return "" // it is the tool's input all the same, with nothing said of it
	}
	named := slices.ContainsFunc(s.inputs, func(in shown) bool { return in.Name == p.Name })
	switch line := quoted(p.Name) + ": {}\n"; {
	case p.Required():
		return "      " + strings.TrimSuffix(line, "\n") + " # required\n"
	case named:
		return "      " + line
	default:
		return "      # " + line
	}
}

// maxYAMLKey is how many characters YAML takes for a key on one line, with its quotes.
const maxYAMLKey = 1000

// isPlain reports whether YAML takes text as it is: words of a key's characters, of
// which the first begins with a letter.
func isPlain(text string) bool {
	for word := range strings.SplitSeq(text, " ") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r >= utf8.RuneSelf || !isKeyByte(byte(r)) }) {
			return false
		}
	}
	return isNameByte(text[0]) && !isDigit(text[0]) && text[0] != '_'
}

// quoted writes a text so that YAML reads it as one.
func quoted(text string) string {
	if isPlain(text) {
		switch strings.ToLower(text) {
		case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		default:
			return text
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text always can be
	return strings.TrimSpace(b.String())
}
