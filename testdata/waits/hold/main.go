// Command hold is the yardstick of the waits: an MCP server of one tool over
// streamable HTTP, written with mcp-go alone. Its get_task waits 15 s and answers.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const wait = 15 * time.Second

func main() {
	s := server.NewMCPServer("hold", "1.0.0", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("get_task", mcp.WithString("task_id")), hold)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening url=http://%s/mcp", ln.Addr())
	log.Fatal(http.Serve(ln, server.NewStreamableHTTPServer(s)))
}

func hold(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(wait):
		return mcp.NewToolResultText("done"), nil
	}
}
