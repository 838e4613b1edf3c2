package custom_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/custom"
)

func TestParse(t *testing.T) {
	t.Parallel()
	entries, errors := custom.Parse([]byte(`
# What BrowserAct does not know.
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
	if len(errors) > 0 {
		t.Fatal(errors)
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
		if entries, errors := custom.Parse([]byte(empty)); len(entries)+len(errors) > 0 {
			t.Errorf("%q: got %v %v", empty, entries, errors)
		}
	}
}

func TestErrorsOfOverlaysHaveTheirLines(t *testing.T) {
	t.Parallel()
	const tool = "expose:\n  - workflow: w\n"
	const input = tool + "    inputs:\n      a:\n        "
	overlays := []string{
		"a: [",
		"tools: []",
		"exposed: []",
		tool + "    titel: x",
		"expose: {}",
		"expose: [1]",
		"expose:\n  - name: x",
		"expose:\n  - workflow: a b",
		tool + "    template: t",
		tool + "    workflow: v",
		tool + "    descripton: x",
		tool + "    name: 1x",
		tool + "    name: " + long(41),
		tool + "    title: []",
		tool + "    title: " + long(81),
		tool + "    max_credits: 0",
		tool + "    typical_duration: 4",
		tool + "    output_fields: x",
		tool + "    inputs: [a]",
		input + "kind: x",
		input + "type: date",
		input + "type: integer\n        enum: [a]",
		input + "enum: [a]\n        default: b",
		input + "enum: []",
		input + "enum: [a, '']",
		input + "enum: [a, a]",
		input + "fixed: x\n        enum: [x]",
		input + "fixed: x\n        default: y",
		input + "type: integer\n        fixed: x",
		input + "type: boolean\n        default: yes",
		input + "type: number\n        default: 0x1",
		input + "required: maybe",
		input + "required: true\n        default: x",
		"expose:\n  - &x {workflow: w}\n  - *x",
		"expose:\n  - workflow: w\n    title: &x t\n    name: *x",
		"expose: []\n---\nexpose: []",
		tool + "    name: n\n  - workflow: v\n    name: n",
	}
	var b strings.Builder
	for _, overlay := range overlays {
		_, errors := custom.Parse([]byte(overlay))
		if len(errors) == 0 || !strings.Contains(overlay, "\n") && errors[0].Line != 1 {
			t.Errorf("%q: got %v, want errors with their lines", overlay, errors)
		}
		fmt.Fprintf(&b, "%q\n", overlay)
		for _, err := range errors {
			fmt.Fprintf(&b, "\t%v\n", err)
		}
	}
	checkGolden(t, "overlay", b.String())
}

func long(n int) string { return strings.Repeat("x", n) }

func TestFlagsAreMergedWithTheOverlay(t *testing.T) {
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
