package tools_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/browseract/browseract-mcp/tools"
)

// checkResult compares every answer of every test with what the tool publishes:
// clients refuse a result that its own schema does not allow, as mcp-go sends a
// nil slice where a list is promised, and they may read the text instead.
func checkResult(t *testing.T, tool *mcpserver.ServerTool, a answer) {
	t.Helper()
	if tool == nil || a.IsError || a.RPCError != "" {
		return
	}
	schema := tool.Tool.RawOutputSchema
	if exposed := !slices.Contains(tools.Names(), tool.Tool.Name); !exposed && (schema == nil) != (len(a.Structured) == 0) {
		t.Errorf("%s: schema %.60s, structured content %.60s", tool.Tool.Name, schema, a.Structured)
	}
	if schema == nil || len(a.Structured) == 0 {
		return
	}
	structured := readJSON(t, a.Structured)
	if err := compiled(t, schema).Validate(structured); err != nil {
		t.Errorf("%s: %v in %s", tool.Tool.Name, err, a.Structured)
	}
	if diff := cmp.Diff(structured, readJSON(t, []byte(a.Text))); diff != "" {
		t.Errorf("%s: -structured +text: %s", tool.Tool.Name, diff)
	}
}

func readJSON(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

// compiledSchemas has every schema once: to compile them took a third of the time.
var compiledSchemas sync.Map

func compiled(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	if known, ok := compiledSchemas.Load(string(schema)); ok {
		return known.(*jsonschema.Schema)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("test:///result", readJSON(t, schema)); err != nil {
		t.Fatal(err)
	}
	made := compiler.MustCompile("test:///result")
	compiledSchemas.Store(string(schema), made)
	return made
}

func TestResultThatViolatesItsSchemaIsRefused(t *testing.T) {
	t.Parallel()
	schema := []byte(`{"type":"object","properties":{"rows":{"type":"array"}},"required":["rows"]}`)
	if err := compiled(t, schema).Validate(readJSON(t, []byte(`{"rows":null}`))); err == nil || !strings.Contains(err.Error(), "rows") {
		t.Errorf("a nil slice is taken: %v", err)
	}
}
