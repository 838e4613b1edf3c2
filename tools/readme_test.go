package tools_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"
)

func TestReadmeListsEachToolWithItsArguments(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "<!-- tools -->")
	table, _, _ = strings.Cut(table, "<!-- /tools -->")
	rows := 0
	for _, tool := range definitions(t) {
		row := fmt.Sprintf("| `%s` | %s|", tool.Name, argumentList(t, tool.InputSchema))
		if !strings.Contains(table, row) {
			t.Errorf("the README has no row that begins %s", row)
		}
		rows++
	}
	if got := strings.Count(table, "\n| `"); got != rows {
		t.Errorf("the README lists %d tools, there are %d", got, rows)
	}
}

func TestReadmeTellsWhatTheToolsCost(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`All twelve together cost a prompt fewer than ([\d,]+) tokens`).FindStringSubmatch(string(readme))
	if told == nil {
		t.Fatal("the README does not tell what the tools cost a prompt")
	}
	most, err := strconv.Atoi(strings.ReplaceAll(told[1], ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	offered, total := definitions(t), 0
	for _, tool := range offered {
		n, err := codec.Count(tool.Name + tool.Description + string(tool.InputSchema))
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if len(offered) != 12 || total >= most {
		t.Errorf("%d tools cost %d tokens; the README tells twelve and fewer than %d", len(offered), total, most)
	}
}

// argumentList writes a tool's arguments as the README does.
func argumentList(t *testing.T, schema json.RawMessage) string {
	t.Helper()
	var s struct{ Required []string }
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	list := ""
	for _, name := range propertyNames(t, schema) {
		list += "`" + name + "`"
		if slices.Contains(s.Required, name) {
			list += "!"
		}
		list += " "
	}
	return list
}

// propertyNames returns the names of a schema's properties in their order.
func propertyNames(t *testing.T, schema json.RawMessage) []string {
	t.Helper()
	var s struct{ Properties json.RawMessage }
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(s.Properties)))
	var names []string
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			t.Fatal(err)
		}
	}
	return names
}
