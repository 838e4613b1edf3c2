package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// takeLogLevel answers logging/setLevel of 2025-11-25. mcp-go keeps the level in
// the session, and no session of a stateless server outlives its request: every
// level is taken, and every message sent.
func takeLogLevel(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		body, _ := io.ReadAll(r.Body) // from loopback
		r.Body = io.NopCloser(bytes.NewReader(body))
		_ = json.Unmarshal(body, &m)
		if m.Method != string(mcp.MethodSetLogLevel) || mcp.IsModernProtocol(r.Header.Get("MCP-Protocol-Version")) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(mcp.NewJSONRPCResponse(mcp.NewRequestId(m.ID), mcp.Result{}))
	})
}

// logging sends lines before it answers; a client of 2026-07-28 gets those that
// its request asks for.
func logging(lines ...string) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for _, line := range lines {
			if err := sendLine(ctx, line); err != nil {
				return nil, err
			}
			wait(ctx)
		}
		return mcp.NewToolResultText("Done."), nil
	}
}

func sendLine(ctx context.Context, line string) error {
	s := mcpserver.ServerFromContext(ctx)
	if mcpserver.IsModernRequest(ctx) {
		return s.SendLogMessageToClient(ctx, mcp.NewLoggingMessageNotification(mcp.LoggingLevelInfo, "conformance", line))
	}
	return s.SendNotificationToClient(ctx, "notifications/message", map[string]any{
		"level": mcp.LoggingLevelInfo, "logger": "conformance", "data": line,
	})
}
