package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// logCalls writes one line a call: which tool, how long, how it ended. Never
// arguments and outputs, which belong to the user.
func logCalls(logger *slog.Logger) mcpserver.ToolHandlerMiddleware {
	return func(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
		return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			start := time.Now()
			result, err := next(ctx, request)
			logger.LogAttrs(ctx, slog.LevelInfo, "tool call", append(about(ctx, request),
				slog.Duration("duration", time.Since(start)),
				slog.Bool("is_error", err != nil || result == nil || result.IsError),
			)...)
			return result, err
		}
	}
}

// about is what tells one call from another in the log.
func about(ctx context.Context, request mcp.CallToolRequest) []slog.Attr {
	return append([]slog.Attr{slog.String("tool", request.Params.Name)}, requestID(ctx)...)
}

// requestID is the id under which the log knows the request, if it has one.
func requestID(ctx context.Context) []slog.Attr {
	if session, ok := mcpserver.ClientSessionFromContext(ctx).(requestSession); ok {
		return []slog.Attr{slog.String("request_id", session.RequestID())}
	}
	return nil
}

// requestSession is a session that belongs to a single request.
type requestSession interface {
	// RequestID is short and safe to log.
	RequestID() string
}
