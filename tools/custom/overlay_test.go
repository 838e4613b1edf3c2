package custom_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/custom"
)

func TestOverlayIsRead(t *testing.T) {
	t.Parallel()
	entries, problems := custom.Parse([]byte(`
# what the API does not know
expose:
  - workflow: wf_123
    name: daily_prices
    title: Daily prices
    description: Prices of one product.
    source_name: Price Monitor
    max_credits: 50
    typical_duration: 4m
    output_fields: [name, price]
    inputs:
      Product Name: {description: What to look for, example: iPhone 15}
      maximum: {type: integer, default: 007}
      country:
        enum: [DE, "NO", 1]
        default: "NO"
      token: {fixed: true}
      城市: {required: true}
      plain:
  - template: 77577579210625331
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []custom.Entry{
		{
			Target: custom.Target{Kind: custom.Workflow, ID: "wf_123"},
			Name:   "daily_prices", Title: "Daily prices", Description: "Prices of one product.", SourceName: "Price Monitor",
			MaxCredits: 50, TypicalDuration: 4 * time.Minute, OutputFields: []string{"name", "price"}, Where: "line 4",
			Inputs: []custom.Input{
				{Name: "Product Name", Description: "What to look for", Example: "iPhone 15"},
				{Name: "maximum", Type: custom.Integer, Default: new("007")},
				{Name: "country", Enum: []string{"DE", "NO", "1"}, Default: new("NO")},
				{Name: "token", Fixed: new("true")},
				{Name: "城市", Required: true},
				{Name: "plain"},
			},
		},
		{Target: custom.Target{Kind: custom.Template, ID: "77577579210625331"}, Where: "line 21"},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Error(diff)
	}
	for _, empty := range []string{"", "# nothing\n", "expose:\n", "expose: []\n"} {
		if entries, problems := custom.Parse([]byte(empty)); len(entries)+len(problems) > 0 {
			t.Errorf("%q: got %v %v", empty, entries, problems)
		}
	}
}

func TestMistakesOfAnOverlayAreToldWithTheirLines(t *testing.T) {
	t.Parallel()
	const tool = "expose:\n  - workflow: w\n"
	const input = tool + "    inputs:\n      a:\n        "
	for overlay, want := range map[string]string{
		"a: [":                                                    "line 1: did not find expected node content",
		"tools: []":                                               `line 1: the file has no "tools"; it has expose`,
		"exposed: []":                                             `line 1: the file has no "exposed"; did you mean "expose"?`,
		tool + "    titel: x":                                     `line 3: a tool has no "titel"; did you mean "title"?`,
		"expose: {}":                                              "line 1: expose has to be a list",
		"expose: [1]":                                             "line 1: a tool has to be a map",
		"expose:\n  - name: x":                                    "line 2: a tool needs a workflow or a template",
		"expose:\n  - workflow: a b":                              "line 2: the id of a workflow has",
		tool + "    template: t":                                  "line 3: a tool runs a workflow or a template, not both",
		tool + "    workflow: v":                                  `line 3: "workflow" is there twice, first in line 2`,
		tool + "    descripton: x":                                `line 3: a tool has no "descripton"; did you mean "description"?`,
		tool + "    name: 1x":                                     `line 3: "1x" is no name of a tool`,
		tool + "    name: " + long(41):                            "is no name of a tool",
		tool + "    title: []":                                    "line 3: title has to be a text",
		tool + "    title: " + long(81):                           "line 3: title has more than 80 characters",
		tool + "    max_credits: 0":                               "line 3: max_credits has to be a whole number from 1",
		tool + "    typical_duration: 4":                          "line 3: typical_duration has to be a time",
		tool + "    output_fields: x":                             "line 3: output_fields has to be a list",
		tool + "    inputs: [a]":                                  "line 3: inputs has to be a map",
		input + "kind: x":                                         `line 5: an input has no "kind"`,
		input + "type: date":                                      `line 5: there is no type "date"`,
		input + "type: integer\n        enum: [a]":                "line 6: enum is for type string, not integer",
		input + "enum: [a]\n        default: b":                   `line 6: the default "b" is not in the enum`,
		input + "enum: []":                                        "line 5: enum has to have 1 to 50 values",
		input + "enum: [a, '']":                                   "line 5: each value of enum has to be one value",
		input + "enum: [a, a]":                                    `line 5: enum has "a" twice`,
		input + "fixed: x\n        enum: [x]":                     `line 6: "a" is fixed, so the model never sees it: enum has no effect`,
		input + "fixed: x\n        default: y":                    `line 6: "a" is fixed`,
		input + "type: integer\n        fixed: x":                 "line 6: fixed does not fit the type integer",
		input + "type: boolean\n        default: yes":             "line 6: default does not fit the type boolean",
		input + "type: number\n        default: 0x1":              "line 6: default does not fit the type number",
		input + "required: maybe":                                 "line 5: required has to be true or false",
		input + "required: true\n        default: x":              `line 5: "a" has a default, so it is not required`,
		"expose:\n  - &x {workflow: w}\n  - *x":                   "line 3: a tool has to be a map",
		"expose:\n  - workflow: w\n    title: &x t\n    name: *x": "line 4: name has to be written out: anchors are not followed",
		"expose: []\n---\nexpose: []":                             "the file holds more than one document",
		tool + "    name: n\n  - workflow: v\n    name: n":        "line 4: two tools are named n, the first in line 2",
	} {
		_, problems := custom.Parse([]byte(overlay))
		told := ""
		for _, p := range problems {
			told += p.Error() + "\n"
		}
		if !strings.Contains(told, want) {
			t.Errorf("%q: got %q, want %q", overlay, told, want)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestFlagsAreReadAndMerged(t *testing.T) {
	t.Parallel()
	wf := func(id, name string) custom.Entry {
		return custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: id}, Name: name}
	}
	for _, value := range []string{"wf_1", "wf_1=prices", " wf_1 = prices "} {
		want := ""
		if strings.Contains(value, "=") {
			want = "prices"
		}
		if e, err := custom.ParseFlag(custom.Workflow, "--expose", value); err != nil || e.ID != "wf_1" || e.Name != want {
			t.Errorf("%q: got %+v, %v", value, e, err)
		}
	}
	for _, value := range []string{"", "=x", "a b", "wf_1=", "wf_1=1", "wf_1=a-b", "wf_1=a=b"} {
		if _, err := custom.ParseFlag(custom.Workflow, "--expose", value); err == nil || !strings.HasPrefix(err.Error(), "--expose") {
			t.Errorf("%q: got %v", value, err)
		}
	}
	overlay := []custom.Entry{wf("1", "one"), wf("1", "other"), wf("2", "")}
	got := custom.Merge(overlay, []custom.Entry{wf("1", ""), wf("1", "other"), wf("2", "two"), wf("3", ""), wf("3", "")})
	if diff := cmp.Diff([]custom.Entry{wf("1", "one"), wf("1", "other"), wf("2", "two"), wf("3", "")}, got); diff != "" {
		t.Error(diff)
	}
}
