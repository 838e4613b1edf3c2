// Command relay is the yardstick of the benchmarks: an MCP server of one tool,
// written with mcp-go alone in the way of its examples. Its list_tasks asks the
// API for a page and returns the body as it came.
//
//	relay                      over stdio
//	relay http 127.0.0.1:8700  over streamable HTTP
//
// Address and key of the API are in BROWSERACT_API_URL and BROWSERACT_API_KEY.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("relay", "1.0.0", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("list_tasks",
		mcp.WithDescription("List the account's tasks."),
		mcp.WithNumber("page", mcp.DefaultNumber(1)),
		mcp.WithNumber("limit", mcp.DefaultNumber(20)),
	), listTasks)
	if err := serve(s, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func serve(s *server.MCPServer, args []string) error {
	if len(args) != 2 {
		return server.ServeStdio(s)
	}
	ln, err := net.Listen("tcp", args[1])
	if err != nil {
		return err
	}
	log.Printf("listening url=http://%s/mcp", ln.Addr())
	return http.Serve(ln, server.NewStreamableHTTPServer(s))
}

func listTasks(ctx context.Context, call mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	url := fmt.Sprintf("%s/v2/workflow/list-tasks?page=%d&limit=%d",
		os.Getenv("BROWSERACT_API_URL"), call.GetInt("page", 1), call.GetInt("limit", 20))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("BROWSERACT_API_KEY"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	return mcp.NewToolResultText(string(body)), nil
}
