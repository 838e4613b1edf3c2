package server

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

type logAttrsKey struct{}

// WithLogAttrs returns a context whose calls are logged with attrs beside those
// that the context has already. Transports use it for what tells one request
// from another, such as its id.
func WithLogAttrs(ctx context.Context, attrs ...slog.Attr) context.Context {
	return context.WithValue(ctx, logAttrsKey{}, append(slices.Clip(logAttrs(ctx)), attrs...))
}

func logAttrs(ctx context.Context) []slog.Attr {
	attrs, _ := ctx.Value(logAttrsKey{}).([]slog.Attr)
	return attrs
}

// logCalls writes one line a call: which tool, how long, how it ended. Never
// arguments and outputs, which belong to the user.
func logCalls(logger *slog.Logger) mcpserver.ToolHandlerMiddleware {
	return func(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
		return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			start := time.Now()
			result, err := next(ctx, request)
			logger.LogAttrs(ctx, slog.LevelInfo, "tool call", append(slices.Clip(logAttrs(ctx)),
				slog.String("tool", request.Params.Name),
				slog.Duration("duration", time.Since(start)),
				slog.Bool("is_error", err != nil || result == nil || result.IsError),
			)...)
			return result, err
		}
	}
}
