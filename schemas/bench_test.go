package schemas_test

import (
	"encoding/json"
	"testing"

	"github.com/browseract/browseract-mcp/schemas"
)

// BenchmarkDerive measures what each tool costs at start.
func BenchmarkDerive(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		schemas.NewInput[arguments]()
	}
}

// BenchmarkFirstUse measures what the first call of a tool costs more than others.
func BenchmarkFirstUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := schemas.NewInput[arguments]().Decode(object(``)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	input := schemas.NewInput[arguments]()
	raw := json.RawMessage(`{"task_id":"123456789012345678","limit":"5","inputs":{"keywords":"coffee","pages":3}}`)
	for b.Loop() {
		if _, err := input.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}
