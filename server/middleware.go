package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// panicText answers for a tool that panicked, in the shape of every failed call.
const panicText = "The server failed inside this tool, and the call may or may not have taken effect. " +
	"Check what it did before calling it again, and report this as a bug of the server.\n" +
	`{"error":{"code":"internal_error","message":"the tool panicked","retryable":false}}`

// guardTool writes one line a call: which tool, how long, how it ended. Never arguments
// and outputs, which belong to the user. It turns a panic of a tool into an error
// result: what the tool registered with [rpc.AfterReply] counts as not delivered.
func guardTool(logger *slog.Logger) mcpserver.ToolHandlerMiddleware {
	return func(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
		return func(ctx context.Context, request mcp.CallToolRequest) (result *mcp.CallToolResult, err error) {
			start := time.Now()
			attrs := append([]slog.Attr{slog.String("tool", request.Params.Name)}, requestID(ctx)...)
			defer func() {
				if value := recover(); value != nil {
					rpc.Discard(ctx)
					logger.LogAttrs(ctx, slog.LevelError, "tool panicked", append(attrs, panicAttrs(value)...)...)
					result, err = mcp.NewToolResultError(panicText), nil
				}
				logger.LogAttrs(ctx, slog.LevelInfo, "tool call", append(attrs,
					slog.Duration("duration", time.Since(start)),
					slog.Bool("is_error", err != nil || result == nil || result.IsError))...)
			}()
			return next(ctx, request)
		}
	}
}

// panicAttrs are the type and stack of a panic, not its value, which may quote a key.
func panicAttrs(value any) []slog.Attr {
	return []slog.Attr{slog.String("type", fmt.Sprintf("%T", value)), slog.String("stack", string(debug.Stack()))}
}

// requestID is the id of the request in the log, if it has one.
func requestID(ctx context.Context) []slog.Attr {
	if session, ok := mcpserver.ClientSessionFromContext(ctx).(interface{ RequestID() string }); ok {
		return []slog.Attr{slog.String("request_id", session.RequestID())}
	}
	return nil
}

// guard logs a request beside tools as guardTool does calls, and turns a panic, to which
// mcp-go would answer with its value or not at all, into an error. name is one that the
// server has given, or empty: never what a client sends.
func guard[T any](ctx context.Context, logger *slog.Logger, kind, name string, handle func() (T, error)) (result T, err error) {
	start := time.Now()
	attrs := append([]slog.Attr{slog.String("kind", kind), slog.String("name", name)}, requestID(ctx)...)
	defer func() {
		if value := recover(); value != nil {
			rpc.Discard(ctx)
			logger.LogAttrs(ctx, slog.LevelError, "request panicked", append(attrs, panicAttrs(value)...)...)
			err = errPanicked
		}
		logger.LogAttrs(ctx, slog.LevelInfo, "request", append(attrs,
			slog.Duration("duration", time.Since(start)), slog.Bool("is_error", err != nil))...)
	}()
	return handle()
}
