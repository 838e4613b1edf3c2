package tools_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"
)

func TestReadmeStatesTokensOfTools(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`All twelve together cost a prompt fewer than ([\d,]+) tokens`).FindStringSubmatch(string(readme))
	if told == nil {
		t.Fatal("the README does not tell what the tools cost a prompt")
	}
	limit, err := strconv.Atoi(strings.ReplaceAll(told[1], ",", ""))
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
	if len(offered) != 12 || total >= limit {
		t.Errorf("%d tools cost %d tokens; README states twelve and fewer than %d", len(offered), total, limit)
	}
}
