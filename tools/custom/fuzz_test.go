package custom_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// FuzzOverlay checks that an overlay without errors makes tools that every client
// accepts, with inputs of any name.
func FuzzOverlay(f *testing.F) {
	f.Add("", "city\ndate!")
	f.Add("expose:\n  - workflow: wf_1\n    name: a\n    title: b\n    description: c\n    inputs: {city: {type: integer, default: 3}, x: {fixed: y}}\n", "city!\n城市")
	f.Add("expose:\n  - {template: t, max_credits: 5, typical_duration: 4m, output_fields: [a], inputs: {a: {enum: [b, c], default: b, example: d}}}\n", strings.Repeat("a b\n", 70))
	f.Fuzz(func(t *testing.T, overlay, names string) {
		entries, errors := custom.Parse([]byte(overlay))
		if len(errors) > 0 {
			return
		}
		def := definition("Fuzzed", strings.Split(names, "\n")...)
		for _, known := range []bool{true, false} {
			tools, err := custom.Build(entries, func(custom.Target) (custom.Definition, bool) {
				if !known {
					return custom.Definition{}, false
				}
				return def, true
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, tool := range tools {
				checkTool(t, tool)
			}
		}
	})
}

func checkTool(t *testing.T, tool *custom.Tool) {
	t.Helper()
	for _, broken := range hygiene.Input(tool.Schema()) {
		t.Error(broken)
	}
	if !validName.MatchString(tool.Name) || tool.Title == "" || tool.Description == "" || strings.Contains(tool.Description, "\n") {
		t.Errorf("%q %q %q", tool.Name, tool.Title, tool.Description)
	}
	var schema struct{ Required []string }
	if err := json.Unmarshal(tool.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	if _, err := tool.Decode(nil); (err != nil) != (len(schema.Required) > 0) {
		t.Errorf("without arguments: %v, required are %v", err, schema.Required)
	}
}
