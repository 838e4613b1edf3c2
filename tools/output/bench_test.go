package output_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/output"
)

// bigJSON is an array of 50,000 flat objects, about 20 MB, as a scraper writes it.
func bigJSON() string {
	random := rand.New(rand.NewPCG(5, 5))
	words := strings.Fields("compact wireless steel blue café 手机 large offer free shipping \\\"new\\\" model")
	var b strings.Builder
	b.WriteString("[")
	for i := range 50_000 {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n  {\"id\": %d, \"name\": \"", i)
		for range 40 {
			b.WriteString(words[random.IntN(len(words))])
			b.WriteString(" ")
		}
		fmt.Fprintf(&b, "\", \"price\": %.2f, \"in_stock\": %t, \"url\": \"https://shop.example.com/item/%016x\", \"tags\": [\"a\", \"b\"]}",
			random.Float64()*1000, i%3 == 0, random.Uint64())
	}
	b.WriteString("\n]\n")
	return b.String()
}

// BenchmarkLargeJSON reports what a first and a further page of a 20 MB output
// cost, as ratios to decoding the same bytes into raw rows in the same run, and
// the memory that parsing and a page take, as a ratio to the size of the output.
func BenchmarkLargeJSON(b *testing.B) {
	src := bigJSON()
	data := []byte(src)
	b.SetBytes(int64(len(src)))
	var decode, first, further time.Duration
	var allocated uint64
	for b.Loop() {
		decode += timed(func() {
			var rows []json.RawMessage
			if err := json.Unmarshal(data, &rows); err != nil {
				b.Fatal(err)
			}
		})
		before := totalAlloc()
		var document *output.Document
		first += timed(func() {
			document = output.Parse(src)
			mustPage(b, document, output.PageRequest{})
		})
		allocated = max(allocated, totalAlloc()-before)
		further += timed(func() { mustPage(b, document, output.PageRequest{Offset: 49_000}) })
	}
	b.ReportMetric(first.Seconds()/decode.Seconds(), "first/decode")
	b.ReportMetric(further.Seconds()/decode.Seconds(), "further/decode")
	b.ReportMetric(1+float64(allocated)/float64(len(src)), "memory/bytes")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func totalAlloc() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
