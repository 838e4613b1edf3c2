package custom_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/custom"
)

// BenchmarkBuild measures what 200 tools of 60 inputs cost at start.
func BenchmarkBuild(b *testing.B) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf([]string{"plain_%d", "field %d", "字段%d号", strings.Repeat("a very long name ", 12) + "%d!"}[i%4], i))
	}
	known := map[string]custom.Definition{}
	var entries []custom.Entry
	for i := range 200 {
		id := fmt.Sprint(i)
		known[id] = definition("Workflow "+id, names...)
		entries = append(entries, custom.Entry{Target: target(id)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := custom.Build(entries, byID(known), nil); err != nil {
			b.Fatal(err)
		}
	}
}
