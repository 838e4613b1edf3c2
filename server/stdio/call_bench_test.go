package stdio_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"runtime"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/stdio"
)

// BenchmarkCall is what a call costs beside its tool, which needs the stack of one
// that asks an API and decodes its JSON.
func BenchmarkCall(b *testing.B) {
	b.ReportAllocs()
	deep := tool("deep", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("ok"), descend(40)
	})
	s, err := server.New(server.Config{
		Name: "test", Version: "1", Tools: []mcpserver.ServerTool{deep}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	go func() { _ = stdio.Serve(b.Context(), s, in, out) }() // ends with the benchmark
	replies := bufio.NewReader(fromServer)
	request := []byte(call("1", "deep") + "\n")
	for b.Loop() {
		if _, err := toServer.Write(request); err != nil {
			b.Fatal(err)
		}
		if _, err := replies.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
	_ = toServer.Close()
	_ = fromServer.Close()
}

// descend takes a few hundred bytes of stack a step.
func descend(steps int) error {
	var frame [256]byte
	if steps == 0 {
		return nil
	}
	err := descend(steps - 1)
	runtime.KeepAlive(&frame)
	return err
}
