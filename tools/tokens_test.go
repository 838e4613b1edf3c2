package tools_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tiktoken-go/tokenizer"

	"github.com/browseract/browseract-mcp/tools"
)

// variants are the settings that change definitions.
func variants() [][]serverOption {
	readOnly := func(cfg *tools.Config) { cfg.ReadOnly = true }
	return [][]serverOption{{everything}, {everything, withCallbacks}, {everything, readOnly}}
}

// TestTokensMatchTheirSnapshot compares the counts of the program with the tokenizer.
func TestTokensMatchTheirSnapshot(t *testing.T) {
	t.Parallel()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, opts := range variants() {
		for _, tool := range definitions(t, opts...) {
			text := tool.Name + tool.Description + string(tool.InputSchema)
			sum := sha256.Sum256([]byte(text))
			if want[hex.EncodeToString(sum[:8])], err = codec.Count(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	const file = "tokens.json"
	if *update {
		raw, err := json.MarshalIndent(want, "", "  ")
		if err == nil {
			err = os.WriteFile(file, append(raw, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]int
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the counts changed; accept them with: go test ./tools -run Snapshot -update\n%s", diff)
	}
}

func TestTokensOfAnUnknownDefinitionAreEstimatedTooHigh(t *testing.T) {
	t.Parallel()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	const name, description, schema = "find_prices", "Find the prices of a product in German shops.",
		`{"type":"object","properties":{"product":{"type":"string","description":"名前"}},"additionalProperties":false}`
	counted, err := codec.Count(name + description + schema)
	if n, exact := tools.Tokens(name, description, json.RawMessage(schema)); err != nil || exact || n < counted || n > 2*counted {
		t.Errorf("estimated at %d, exact %v; it has %d, %v", n, exact, counted, err)
	}
}
