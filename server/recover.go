package server

import (
	"context"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// panicText answers for a tool that panicked, in the shape of every failed
// call: a sentence, and a last line of JSON. It holds nothing of the panic's
// value, which may quote a key or an output.
const panicText = "The server failed inside this tool, and the call may or may not have taken effect. " +
	"Check what it did before calling it again, and report this as a bug of the server.\n" +
	`{"error":{"code":"internal_error","message":"the tool panicked","retryable":false}}`

// recoverPanics turns a panic of a tool into an error result. The panic's value
// and its stack go to the log.
func recoverPanics(logger *slog.Logger) mcpserver.ToolHandlerMiddleware {
	return func(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
		return func(ctx context.Context, request mcp.CallToolRequest) (result *mcp.CallToolResult, err error) {
			defer func() {
				if value := recover(); value != nil {
					logPanic(ctx, logger, request.Params.Name, value)
					result, err = mcp.NewToolResultError(panicText), nil
				}
			}()
			return next(ctx, request)
		}
	}
}

func logPanic(ctx context.Context, logger *slog.Logger, tool string, value any) {
	logger.LogAttrs(ctx, slog.LevelError, "tool panicked", append(slices.Clip(logAttrs(ctx)),
		slog.String("tool", tool),
		slog.Any("panic", value),
		slog.String("stack", string(debug.Stack())),
	)...)
}
