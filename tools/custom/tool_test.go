package custom_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tiktoken-go/tokenizer"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/browseract/browseract-mcp/tools/custom"
)

func target(id string) custom.Target { return custom.Target{Kind: custom.Workflow, ID: id} }

// byID looks up definitions by the target's id.
func byID(known map[string]custom.Definition) func(custom.Target) (custom.Definition, bool) {
	return func(target custom.Target) (custom.Definition, bool) {
		def, ok := known[target.ID]
		return def, ok
	}
}

func definition(name string, inputs ...string) custom.Definition {
	def := custom.Definition{Name: name}
	for _, input := range inputs {
		required := strings.HasSuffix(input, "!")
		def.Inputs = append(def.Inputs, browseract.Parameter{Name: strings.TrimSuffix(input, "!"), DefaultEnabled: !required})
	}
	return def
}

func build(t *testing.T, entry custom.Entry, def custom.Definition) *custom.Tool {
	t.Helper()
	if entry.ID == "" {
		entry.Target = target("1")
	}
	tools, err := custom.Build([]custom.Entry{entry}, byID(map[string]custom.Definition{entry.ID: def}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tools[0]
}

// oddNames are names of inputs that clash, are long, or in other scripts.
func oddNames() []string {
	return []string{
		"city", "City", "city ", " city", "ci ty", "ci-ty", "ci_ty", "ci/ty", "城市", "都市", "城 市", "Número", "Nmero", "N_mero", "", "  ", "🏙", "🏙🏙",
		strings.Repeat("a", 200), strings.Repeat("a", 199) + "b", strings.Repeat("城", 200), strings.Repeat("long name ", 20), strings.Repeat("x", 40), strings.Repeat("x", 41), strings.Repeat("x", 64),
		"wait_seconds", "allow_duplicate", "inputs", "__proto__", `"`, `\`, "<b>", "a\u200bb", "\x00", "input_88eac",
	}
}

// withInputs is an entry with these inputs.
func withInputs(names []string) custom.Entry {
	var e custom.Entry
	for _, name := range names {
		e.Inputs = append(e.Inputs, custom.Input{Name: name})
	}
	return e
}

var validKey = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

func TestKeysAreUniqueAndMapBack(t *testing.T) {
	t.Parallel()
	names := oddNames()
	tool := build(t, withInputs(names), definition("Odd", names...))
	keys, arguments := map[string]string{}, map[string]string{}
	for n, name := range names {
		key, ok := tool.ArgumentName(name)
		if other, taken := keys[key]; !ok || taken || !validKey.MatchString(key) {
			t.Errorf("%q has the key %q, as has %q", name, key, other)
		}
		keys[key] = name
		arguments[key] = fmt.Sprint(n)
	}
	raw, err := json.Marshal(arguments)
	if err != nil {
		t.Fatal(err)
	}
	call, err := tool.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	for n, name := range names {
		if got, _ := call.Inputs.Get(name); got != fmt.Sprint(n) {
			t.Errorf("%q got %q, want %d", name, got, n)
		}
	}
	if call.WaitSeconds != 25 || call.AllowDuplicate {
		t.Errorf("got %d, %t", call.WaitSeconds, call.AllowDuplicate)
	}
	for _, broken := range hygiene.Input(tool.Schema()) {
		t.Error(broken)
	}
}

// The keys of a workflow stay when the order of its inputs changes.
func TestKeysDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	names := oddNames()
	want := build(t, withInputs(names), definition("Odd", names...))
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		shuffled := slices.Clone(names)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := build(t, withInputs(shuffled), definition("Odd", shuffled...))
		for _, name := range names {
			first, _ := want.ArgumentName(name)
			if key, _ := got.ArgumentName(name); key != first {
				t.Errorf("%q has the key %q, and in another order %q", name, first, key)
			}
		}
	}
}

var validName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,39}$`)

func TestNamesOfToolsAreValidAndUnique(t *testing.T) {
	t.Parallel()
	known := map[string]custom.Definition{}
	var entries []custom.Entry
	for i, name := range append(oddNames(), "Get task", "get_task", "GET TASK", "Prices", "prices", "价格 Monitor", "2 fast", "Run Workflow") {
		id := fmt.Sprintf("wf_%d", i)
		known[id] = custom.Definition{Name: name}
		entries = append(entries, custom.Entry{Target: target(id)})
	}
	entries = append(entries, custom.Entry{Target: target("unknown-" + strings.Repeat("9", 120))}, custom.Entry{Target: target("wf_1")}, custom.Entry{Target: target("x"), Name: "prices"})
	reserved := []string{"get_task", "run_workflow"}
	tools, err := custom.Build(entries, byID(known), reserved)
	if err != nil {
		t.Fatal(err)
	}
	again, err := custom.Build(entries, byID(known), reserved)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, tool := range tools {
		if !validName.MatchString(tool.Name) || seen[tool.Name] || slices.Contains(reserved, tool.Name) {
			t.Errorf("%q is named %s", known[tool.ID].Name, tool.Name)
		}
		if again[i].Name != tool.Name {
			t.Errorf("%q is named %s and %s", known[tool.ID].Name, tool.Name, again[i].Name)
		}
		seen[tool.Name] = true
	}
	for _, chosen := range []string{"get_task", "twice"} {
		_, err := custom.Build([]custom.Entry{{Target: target("1"), Name: "twice"}, {Target: target("2"), Name: chosen, Where: "line 7"}}, byID(nil), reserved)
		if err == nil || !strings.HasPrefix(err.Error(), "line 7: ") {
			t.Errorf("%s: got %v", chosen, err)
		}
	}
}

func TestSchemaFollowsTheOverlay(t *testing.T) {
	t.Parallel()
	tool := build(t, custom.Entry{
		Name: "prices", Description: "Prices of one product.", OutputFields: []string{"name", "price"},
		Inputs: []custom.Input{
			{Name: "limit", Type: custom.Integer, Default: new("3"), Description: "How many"},
			{Name: "country", Enum: []string{"DE", "FR"}, Default: new("DE")},
			{Name: "Name", Example: "iPhone 15"},
			{Name: "flag", Type: custom.Boolean, Required: true},
			{Name: "token", Fixed: new("secret")},
			{Name: "gone"},
		},
	}, definition("Monitor", "Name!", "country!", "limit", "token!", "flag", "city or town!"))
	const want = `{"type":"object","properties":{"limit":{"type":"integer","description":"How many","default":3},` +
		`"country":{"type":"string","enum":["DE","FR"],"default":"DE"},"Name":{"type":"string","description":"Example: iPhone 15"},"flag":{"type":"boolean"},` +
		`"city_or_town":{"type":"string"},"wait_seconds":{"type":"integer","default":25,"minimum":0,"maximum":50},"allow_duplicate":{"type":"boolean"}},` +
		`"required":["Name","flag","city_or_town"],"additionalProperties":false}`
	if diff := cmp.Diff(want, string(tool.Schema())); diff != "" {
		t.Error(diff)
	}
	if want := "Prices of one product. Returns name, price. Starts one paid run; if not done, follow it with get_task."; tool.Description != want || tool.Title != "Monitor" {
		t.Errorf("got %q, %q", tool.Title, tool.Description)
	}
	call, err := tool.Decode(json.RawMessage(`{"Name":"x","flag":"TRUE","limit":"4.0","country":"fr","city_or_town":12}`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range call.Inputs {
		got[v.Name] = v.Value
	}
	if diff := cmp.Diff(map[string]string{"Name": "x", "flag": "true", "limit": "4", "country": "FR", "city or town": "12"}, got); diff != "" {
		t.Error(diff)
	}
}

func tokens(t *testing.T, tool *custom.Tool) int {
	t.Helper()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	n, err := codec.Count(tool.Name + tool.Description + string(tool.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDefinitionsFitTheirTokens(t *testing.T) {
	t.Parallel()
	about := []string{
		strings.Repeat("Reads prices of one product in many shops. ", 30), strings.Repeat("城市价格监控。", 100), strings.Repeat("xkqz", 200),
		strings.Repeat("a-b_c/d\\e\"f<g>", 50), "🏙" + strings.Repeat("👩‍👩‍👧‍👦", 60), strings.Repeat("0123456789", 60), "Short.",
	}
	usual := []string{"product url", "Postleitzahl", "最大件数", "keyword", "city", "max_items", "Número de huéspedes", "check-in date", "country", "关键词"}
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 400 {
		names, inputs := usual, len(usual)
		if n%2 > 0 {
			names, inputs = oddNames(), 20
		}
		def := definition(oddNames()[random.IntN(len(oddNames()))])
		def.Description = about[random.IntN(len(about))]
		for _, i := range random.Perm(len(names))[:random.IntN(inputs+1)] {
			def.Inputs = append(def.Inputs, browseract.Parameter{Name: names[i], DefaultEnabled: random.IntN(2) > 0})
		}
		tool := build(t, custom.Entry{}, def)
		n := tokens(t, tool)
		if n > 150 {
			t.Errorf("%d tokens: %.200s %.600s", n, tool.Description, tool.Schema())
		}
	}
}

func TestInputsThatDoNotFitShareAnArgument(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf([]string{"field %d", "字段 %d!", strings.Repeat("a very long name ", 12) + "%d"}[i%3], i))
	}
	def := definition("Many", names...)
	def.Description = strings.Repeat("It does much. ", 100)
	entry := custom.Entry{Inputs: []custom.Input{{Name: "field 0", Fixed: new("x")}, {Name: "field 57", Type: custom.Integer}}}
	tool := build(t, entry, def)
	if n := tokens(t, tool); n > 150 || !strings.Contains(string(tool.Schema()), "57 more, 19 required, named as in get_workflow") {
		t.Errorf("%d tokens: %s", n, tool.Schema())
	}
	for _, broken := range hygiene.Input(tool.Schema()) {
		t.Error(broken)
	}
	first, _ := tool.ArgumentName("字段 1")
	decode := func(inputs string) (custom.Call, error) {
		return tool.Decode(json.RawMessage(`{"` + first + `":"a","field_57":7,"inputs":` + inputs + `}`))
	}
	call, err := decode(`{"字段 58":"b","field 3":3}`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range call.Inputs {
		got[v.Name] = v.Value
	}
	if diff := cmp.Diff(map[string]string{"字段 1": "a", "field 57": "7", "字段 58": "b", "field 3": "3"}, got); diff != "" {
		t.Error(diff)
	}
	for inputs, want := range map[string]string{
		`{"field 0":"y"}`:  `There is no input "field 0" in inputs`,
		`{"field 57":"y"}`: `"field 57" is an argument of its own: send it as field_57`,
		`[1]`:              "must be an object with the strings",
	} {
		if _, err := decode(inputs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", inputs, err, want)
		}
	}
}

func TestTextsOfTheUserAreNotTruncated(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("Reads prices of one product in many shops. ", 20)
	tool := build(t, custom.Entry{Description: text, Inputs: []custom.Input{{Name: "a", Description: text}}}, definition("Many", "a"))
	if !strings.HasPrefix(tool.Description, text) || !strings.Contains(string(tool.Schema()), text) {
		t.Errorf("got %s %s", tool.Description, tool.Schema())
	}
}

func TestChangesOfTheDefinition(t *testing.T) {
	t.Parallel()
	entry := custom.Entry{SourceName: "Old", Inputs: []custom.Input{{Name: "gone"}, {Name: "there"}}}
	var b strings.Builder
	for _, c := range entry.Changes(definition("New", "there!", "new!", "optional")) {
		b.WriteString(c.Message + "\n")
	}
	_, warnings := build(t, entry, definition("Old", "there", "gone")).Resolve(nil, definition("New", "there!", "new!"))
	b.WriteString(strings.Join(warnings, "\n") + "\n")
	if n := strings.Count(b.String(), "\n"); n != 5 {
		t.Errorf("got %d messages, want 3 changes and 2 warnings", n)
	}
	checkGolden(t, "changes", b.String())
	if found := (&custom.Entry{}).Changes(definition("New", "new!")); len(found) > 0 {
		t.Errorf("got %v of an empty entry, want none", found)
	}
}
