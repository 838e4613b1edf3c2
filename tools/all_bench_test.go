package tools_test

import (
	"context"
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
)

// BenchmarkAll is what the definitions of all tools cost at start.
func BenchmarkAll(b *testing.B) {
	b.ReportAllocs()
	client, err := browseract.New(func(context.Context) string { return "" })
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := tools.New(tools.Config{Client: client, Logger: discard()}); err != nil {
			b.Fatal(err)
		}
	}
}
