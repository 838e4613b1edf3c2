package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tiktoken-go/tokenizer"

	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/download"
)

var update = flag.Bool("update", false, "write the snapshots of the tools' definitions")

// A definition is a tool as tools/list sends it.
type definition struct {
	raw          json.RawMessage
	Name         string
	Title        string
	Description  string
	InputSchema  json.RawMessage
	OutputSchema json.RawMessage
	Annotations  map[string]bool
}

func definitions(t *testing.T, opts ...serverOption) []definition {
	t.Helper()
	srv := newServer(t, newAccount(), opts...)
	raw, err := json.Marshal(srv.mcp.HandleMessage(context.Background(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		t.Fatal(err)
	}
	var reply struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(raw, &reply); err != nil {
		t.Fatal(err)
	}
	list := make([]definition, len(reply.Result.Tools))
	for i, tool := range reply.Result.Tools {
		if err := json.Unmarshal(tool, &list[i]); err != nil {
			t.Fatal(err)
		}
		list[i].raw = tool
	}
	return list
}

func withCallbacks(cfg *tools.Config) { cfg.CallbackHosts = []string{"*.example.com"} }

// everything offers every tool of the product.
func everything(cfg *tools.Config) {
	cfg.Toolsets = []string{"default", "batch", "compare"}
	cfg.Downloads = download.NewFolder("")
}

const (
	maxTokensTool   = 400
	maxListBytes    = 24 << 10
	maxInstructions = 1200
)

// mcp-go's own generator publishes an empty schema for our tags, without an error.
func TestDefinitionsMatchTheirSnapshots(t *testing.T) {
	t.Parallel()
	for _, tool := range definitions(t, everything) {
		path := filepath.Join("..", "schemas", tool.Name+".json")
		var got bytes.Buffer
		if err := json.Indent(&got, tool.raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if diff := cmp.Diff(string(want), got.String()); err != nil || diff != "" {
			t.Errorf("%s changed (%v); accept it with: go test ./tools -run Snapshot -update\n%s", tool.Name, err, diff)
		}
	}
}

func TestEachToolHasAFileAndASnapshot(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, tool := range definitions(t, everything) {
		want[tool.Name+".json"] = true
		if _, err := os.Stat(tool.Name + ".go"); err != nil {
			t.Errorf("the tool %s has no file of its name: %v", tool.Name, err)
		}
	}
	snapshots, err := filepath.Glob("../schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range snapshots {
		if !want[filepath.Base(path)] {
			t.Errorf("%s is the snapshot of no tool", path)
		}
	}
}

func TestDefinitionsFitTheirBudget(t *testing.T) {
	t.Parallel()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct {
		name  string
		opts  []serverOption
		limit int
	}{
		{"default", nil, tools.MaxDefaultTokens},
		{"everything", []serverOption{everything, withCallbacks}, tools.MaxTokens},
	} {
		total, bytes := 0, 0
		for _, tool := range definitions(t, set.opts...) {
			n, err := codec.Count(tool.Name + tool.Description + string(tool.InputSchema))
			if err != nil {
				t.Fatal(err)
			}
			if n > maxTokensTool {
				t.Errorf("%s: %s has %d tokens, want at most %d", set.name, tool.Name, n, maxTokensTool)
			}
			total += n
			bytes += len(tool.raw)
		}
		t.Logf("%s: %d tokens, %d bytes", set.name, total, bytes)
		if total > set.limit {
			t.Errorf("%s: %d tokens, want at most %d", set.name, total, set.limit)
		}
		if set.opts == nil && bytes > maxListBytes {
			t.Errorf("%s: %d bytes on the wire, want at most %d", set.name, bytes, maxListBytes)
		}
	}
}

// toolNames finds what a model reads as a tool: no member of a result has a name
// that begins like one.
var toolNames = regexp.MustCompile(`\b(?:list|get|run|stop|resume|compare)_[a-z_]+`)

func TestInstructionsAreShortAndNameRegisteredToolsOnly(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]tools.Config{
		"default":             {},
		"workflows":           {Toolsets: []string{"workflows"}},
		"templates":           {Toolsets: []string{"templates", "batch"}},
		"read only":           {ReadOnly: true},
		"templates, to read":  {Toolsets: []string{"templates"}, ReadOnly: true},
		"some exposed":        {Custom: []*custom.Tool{{}}},
		"both by their names": {Toolsets: []string{"templates", "workflows"}},
	} {
		text := cfg.Instructions()
		if n := len([]rune(text)); n > maxInstructions {
			t.Errorf("%s: the instructions have %d characters, want at most %d", name, n, maxInstructions)
		}
		offered := map[string]bool{}
		for _, tool := range definitions(t, func(c *tools.Config) { c.Toolsets, c.ReadOnly = cfg.Toolsets, cfg.ReadOnly }) {
			offered[tool.Name] = true
		}
		for _, tool := range toolNames.FindAllString(text, -1) {
			if !offered[tool] {
				t.Errorf("%s: the instructions name %s, which is not offered", name, tool)
			}
		}
	}
}

func TestDefinitionsWorkWithEveryProvider(t *testing.T) {
	t.Parallel()
	for _, tool := range append(definitions(t, everything), definitions(t, withCallbacks)...) {
		for _, broken := range hygiene.Input(tool.InputSchema) {
			t.Errorf("%s: input: %s", tool.Name, broken)
		}
		if tool.OutputSchema != nil {
			for _, broken := range hygiene.Output(tool.OutputSchema) {
				t.Errorf("%s: output: %s", tool.Name, broken)
			}
		}
		if tool.Title == "" || tool.Description == "" {
			t.Errorf("%s has no title or no description", tool.Name)
		}
		if len(tool.Name) > 40 || strings.ToLower(tool.Name) != tool.Name {
			t.Errorf("%s is no name that every client takes", tool.Name)
		}
	}
}

// mcp-go's defaults call every tool destructive and open to the world.
func TestAnnotationsMatchEffects(t *testing.T) {
	t.Parallel()
	want := map[string]string{ // readOnly destructive idempotent openWorld
		"list_workflows": "TFTF", "get_workflow": "TFTF", "list_templates": "TFTF", "get_template": "TFTF", "list_regions": "TFTF",
		"run_workflow": "FTFT", "run_template": "FTFT", "get_task": "TFTF", "get_task_output": "TFTT", "list_tasks": "TFTF",
		"stop_task": "FTTF", "resume_task": "FTFT",
		"run_batch": "FTFT", "get_batch": "FTTT", "stop_batch": "FTTF",
		"compare_tasks": "TFTT", "save_task_output": "FFTT",
	}
	got := map[string]string{}
	for _, tool := range definitions(t, everything) {
		for _, hint := range []string{"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} {
			value, stated := tool.Annotations[hint]
			if !stated {
				t.Errorf("%s does not state %s", tool.Name, hint)
			}
			got[tool.Name] += map[bool]string{true: "T", false: "F"}[value]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownToolsetIsRefused(t *testing.T) {
	t.Parallel()
	for chosen, want := range map[string]int{
		"": 12, "default": 12, "batch": 15, "compare": 13, "workflows": 8, "templates": 9, "tasks": 12, "workflows,templates": 12, "templates,batch,compare": 13, "default,workflows": 12,
	} {
		got := definitions(t, func(cfg *tools.Config) {
			cfg.Toolsets = strings.FieldsFunc(chosen, func(r rune) bool { return r == ',' })
		})
		if len(got) != want {
			t.Errorf("%q offers %d tools, want %d", chosen, len(got), want)
		}
	}
	srv := newServer(t, newAccount())
	_, err := tools.New(tools.Config{Client: srv.client, Logger: discard(), Caller: oneCaller, Toolsets: []string{"batches"}})
	if err == nil || !strings.Contains(err.Error(), `"batches"`) {
		t.Errorf("an unknown toolset is taken, error %v", err)
	}
}

func TestReadOnlyServerReadsBatchesAndStartsNone(t *testing.T) {
	t.Parallel()
	readOnly := func(cfg *tools.Config) { cfg.ReadOnly = true }
	for _, tool := range definitions(t, everything, readOnly) {
		if !tool.Annotations["readOnlyHint"] {
			t.Errorf("%s is offered and does not only read", tool.Name)
		}
		if tool.Name == "get_batch" && strings.Contains(string(tool.InputSchema), `"continue"`) {
			t.Error("get_batch takes continue, which starts runs")
		}
	}
}
