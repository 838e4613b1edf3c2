package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
)

// largeTask is what get-task answers for a run that wrote 50,000 rows of JSON, 20 MB.
func largeTask(tb testing.TB) (reply []byte) {
	tb.Helper()
	random := rand.New(rand.NewPCG(5, 5))
	words := strings.Fields("compact wireless steel blue café 手机 large offer free shipping \\\"new\\\" model")
	var rows strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&rows, ",\n  {\"id\": %d, \"name\": \"", i)
		for range 40 {
			rows.WriteString(words[random.IntN(len(words))])
			rows.WriteByte(' ')
		}
		fmt.Fprintf(&rows, "\", \"price\": %.2f, \"in_stock\": %t, \"url\": \"https://shop.example.com/item/%016x\", \"tags\": [\"a\", \"b\"]}",
			random.Float64()*1000, i%3 == 0, random.Uint64())
	}
	text := "[" + strings.TrimPrefix(rows.String(), ",") + "\n]"
	reply, err := json.Marshal(map[string]any{
		"id": "1", "status": "finished", "created_at": "2025-10-08T09:54:10", "finished_at": "2025-10-08T09:55:10",
		"workflow_id": "2", "output": map[string]any{"string": text, "files": []string{}}, "steps": []string{},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return reply
}

// A canned network answers every request with the same bytes.
type cannedReply []byte

func (c cannedReply) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(c)), Body: io.NopCloser(bytes.NewReader(c)), Request: r,
	}, nil
}

// serve is a server that has seen nothing yet.
func serve(tb testing.TB, network http.RoundTripper, configure ...func(*tools.Config)) *mcpserver.MCPServer {
	tb.Helper()
	client, err := browseract.New(func(context.Context) string { return "key" }, browseract.WithTransport(network))
	if err != nil {
		tb.Fatal(err)
	}
	cfg := tools.Config{Client: client, Logger: discard(), Caller: func(context.Context) string { return "caller" }}
	for _, set := range configure {
		set(&cfg)
	}
	offer, err := tools.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s := mcpserver.NewMCPServer("test", "1")
	s.AddTools(offer.Tools...)
	return s
}

// page calls get_task_output and returns the answer as it is sent.
func page(tb testing.TB, s *mcpserver.MCPServer, arguments string) []byte {
	tb.Helper()
	message := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_task_output","arguments":{"task_id":"1"` + arguments + `}}}`
	reply, err := json.Marshal(s.HandleMessage(context.Background(), json.RawMessage(message)))
	if err != nil || !bytes.Contains(reply, []byte("total_rows")) {
		tb.Fatalf("%v: %.300s", err, reply)
	}
	return reply
}

// BenchmarkLargeOutput calls get_task_output for an output of 20 MB: what the first
// and a further page cost as ratios to decoding the same reply into an envelope
// and raw rows in the same run; and all that is allocated for the first page, with
// the reply, as a ratio to the size of the output.
func BenchmarkLargeOutput(b *testing.B) {
	reply := largeTask(b)
	var decode, first, further, selected time.Duration
	var allocated uint64
	var size int
	for b.Loop() {
		runtime.GC()
		decode += timed(func() { size = decodeRows(b, reply) })
		runtime.GC()
		s := serve(b, cannedReply(reply))
		before := totalAlloc()
		first += timed(func() { page(b, s, `,"limit":500`) })
		allocated = max(allocated, totalAlloc()-before)
		further += timed(func() { page(b, s, `,"limit":500,"offset":49000`) })
		selected += timed(func() { page(b, s, `,"select":".[] | select(.price > 900) | {id, price}"`) })
	}
	b.SetBytes(int64(size))
	b.ReportMetric(first.Seconds()/decode.Seconds(), "first/decode")
	b.ReportMetric(further.Seconds()/decode.Seconds(), "further/decode")
	b.ReportMetric(selected.Seconds()/decode.Seconds(), "select/decode")
	b.ReportMetric(float64(allocated)/float64(size), "memory/bytes")
}

func decodeRows(tb testing.TB, reply []byte) (size int) {
	tb.Helper()
	var envelope struct{ Output struct{ String string } }
	if err := json.Unmarshal(reply, &envelope); err != nil {
		tb.Fatal(err)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal([]byte(envelope.Output.String), &rows); err != nil || len(rows) != 50_000 {
		tb.Fatal(err, len(rows))
	}
	return len(envelope.Output.String)
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
