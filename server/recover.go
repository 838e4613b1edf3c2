package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// panicText answers for a tool that panicked, in the shape of every failed
// call: a sentence, and a last line of JSON.
const panicText = "The server failed inside this tool, and the call may or may not have taken effect. " +
	"Check what it did before calling it again, and report this as a bug of the server.\n" +
	`{"error":{"code":"internal_error","message":"the tool panicked","retryable":false}}`

// recoverPanics turns a panic of a tool into an error result and logs its type
// and stack. Its value goes nowhere, since it may quote a key or an output.
func recoverPanics(logger *slog.Logger) mcpserver.ToolHandlerMiddleware {
	return func(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
		return func(ctx context.Context, request mcp.CallToolRequest) (result *mcp.CallToolResult, err error) {
			defer func() {
				if value := recover(); value != nil {
					logger.LogAttrs(ctx, slog.LevelError, "tool panicked", append(about(ctx, request),
						slog.String("type", fmt.Sprintf("%T", value)),
						slog.String("stack", string(debug.Stack())),
					)...)
					result, err = mcp.NewToolResultError(panicText), nil
				}
			}()
			return next(ctx, request)
		}
	}
}
