package custom_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/custom"
)

func TestWrittenOverlayMakesTheSameTools(t *testing.T) {
	t.Parallel()
	known := map[string]custom.Definition{
		"wf_1": {Name: "Price: \"Monitor\" #1\n---\nyes", Description: "Reads - all: of it\u2028\n# and more"},
		"wf_2": definition("no", append(oddNames(), "a: b", "- x", "#x", "yes", "a #b", "'", "{}", "? x", "\t", "a\nb", "\u2028", "\u00a0", "!!x", "&a", "*a", "@", "`", "%", "city!")...),
		"wf_3": definition("城市"),
	}
	var entries []custom.Entry
	for _, id := range []string{"wf_1", "wf_2", "wf_3"} {
		entries = append(entries, custom.Entry{Target: target(id)})
	}
	made, err := custom.Build(entries, byID(known), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, disabled := range []bool{false, true} {
		var tools []custom.OverlayTool
		for _, tool := range made {
			tools = append(tools, custom.OverlayTool{Tool: tool, Definition: known[tool.ID], Disabled: disabled && tool.ID != "wf_3"})
		}
		read, errors := custom.Parse(custom.WriteOverlay(tools))
		if len(errors) > 0 {
			t.Fatalf("disabled %t: %v", disabled, errors)
		}
		if disabled {
			if len(read) != 1 {
				t.Errorf("got %v", read)
			}
			continue
		}
		again, err := custom.Build(read, byID(known), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, tool := range again {
			if tool.Name != made[i].Name || len(tool.Changes(known[tool.ID])) > 0 {
				t.Errorf("%s is %s, %v", made[i].Name, tool.Name, tool.Changes(known[tool.ID]))
			}
			if diff := cmp.Diff(parts(made[i]), parts(tool)); diff != "" {
				t.Errorf("%s: %s", tool.Name, diff)
			}
			if tool.Description != made[i].Description {
				t.Errorf("%s: %s", tool.Name, tool.Description)
			}
		}
	}
}

// parts returns the parts of a schema in a fixed order.
func parts(tool *custom.Tool) []string {
	return slices.Sorted(slices.Values(strings.Split(string(tool.Schema()), ",")))
}
