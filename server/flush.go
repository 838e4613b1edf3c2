package server

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// flushPoll is how often the channel is looked at, and how long its last
	// notification is given to be written once it was taken from the channel.
	flushPoll = 2 * time.Millisecond
	// flushLimit bounds the wait where a client does not read.
	flushLimit = 100 * time.Millisecond
)

// flushProgress keeps a call's reply from overtaking its last progress over
// HTTP: there mcp-go drops a notification that is taken from the session's
// channel and not yet written when the handler returns. Only calls with a
// progress token send any. Other sessions keep the order themselves.
func flushProgress(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result, err := next(ctx, request)
		session, overHTTP := mcpserver.ClientSessionFromContext(ctx).(mcpserver.SessionWithStreamableHTTPConfig)
		if overHTTP && wantsProgress(request) {
			waitWritten(ctx, session.NotificationChannel())
		}
		return result, err
	}
}

func wantsProgress(request mcp.CallToolRequest) bool {
	return request.Params.Meta != nil && request.Params.Meta.ProgressToken != nil
}

// waitWritten returns one flushPoll after the channel was seen empty, at
// flushLimit, or when the client is gone.
func waitWritten(ctx context.Context, notifications chan<- mcp.JSONRPCNotification) {
	ctx, cancel := context.WithTimeout(ctx, flushLimit)
	defer cancel()
	poll := time.NewTicker(flushPoll)
	defer poll.Stop()
	for {
		empty := len(notifications) == 0
		select {
		case <-poll.C:
		case <-ctx.Done():
			return
		}
		if empty {
			return
		}
	}
}
