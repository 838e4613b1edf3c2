package custom

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// An OverlayTool is a tool of a new overlay.
type OverlayTool struct {
	*Tool
	Definition Definition
	Disabled   bool // written as comments
}

// overlayHeader explains the file.
//
//go:embed overlay_header.yaml
var overlayHeader string

// WriteOverlay returns an overlay of the tools, with comments for the user who edits
// it. [Parse] accepts it.
func WriteOverlay(tools []OverlayTool) []byte {
	var b bytes.Buffer
	b.WriteString(overlayHeader)
	b.WriteString("expose:\n")
	for _, tool := range tools {
		text := tool.yaml()
		if tool.Disabled {
			text = "# " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n# ") + "\n"
		}
		b.WriteString("\n" + text)
	}
	return b.Bytes()
}

func (t OverlayTool) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - %s: %s\n", t.Kind, quoted(t.ID))
	fmt.Fprintf(&b, "    name: %s\n", quoted(t.Name))
	if name := sanitize.OneLine(t.Definition.Name, maxDescription); name != "" {
		fmt.Fprintf(&b, "    source_name: %s\n", quoted(name))
	}
	fmt.Fprintf(&b, "    # description: %s\n", quoted(cmp.Or(sanitize.OneLine(t.Definition.Description, 300), "What it does, for a model to read.")))
	b.WriteString("    # max_credits: 100\n    # typical_duration: 5m\n    # output_fields: [name, price]\n")
	if len(t.inputs) > 0 {
		b.WriteString("    inputs:\n")
	}
	seen := map[string]bool{}
	for _, p := range t.Definition.Inputs {
		if !seen[p.Name] {
			b.WriteString(t.inputYAML(p))
		}
		seen[p.Name] = true
	}
	return b.String()
}

// maxYAMLKey is how many characters YAML allows for a key on one line, with quotes.
const maxYAMLKey = 1000

// inputYAML is the line of an input. An optional one without an argument of its own is
// a comment.
func (t OverlayTool) inputYAML(p browseract.Parameter) string {
	key := quoted(p.Name)
	if utf8.RuneCountInString(key) > maxYAMLKey || strings.TrimSpace(p.Name) == "" || strings.ContainsFunc(p.Name, isControl) {
		return "" // still an input of the tool, without configuration
	}
	listed := slices.ContainsFunc(t.inputs, func(a argument) bool { return a.Name == p.Name })
	switch {
	case p.Required():
		return "      " + key + ": {} # required\n"
	case listed:
		return "      " + key + ": {}\n"
	}
	return "      # " + key + ": {}\n"
}

// quoted writes a text as a YAML string on one line, with quotes where it needs them.
func quoted(text string) string {
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.ToValidUTF8(text, "\uFFFD")}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > utf8.RuneSelf }) {
		node.Style = yaml.DoubleQuotedStyle
	}
	raw, err := yaml.Marshal(&node)
	if err != nil {
		return `""` // a string always can be written
	}
	return strings.TrimSuffix(string(raw), "\n")
}
