package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// A session is a client of the server in this process, over the same stdio loop
// that a real client talks to: commands that show what the server does use it as
// an agent would.
type session struct {
	*client.Client
	token  int
	served chan error
	hangUp func() error
}

// connect starts serving r and opens a session with it.
func connect(ctx context.Context, r *running) (*session, error) {
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	s := &session{served: make(chan error, 1), hangUp: toServer.Close}
	go func() { // ends when Close hangs up, and Close waits for it
		err := stdio.Serve(ctx, r.mcp, fromClient, toClient, stdio.WithClosing(r.stopWaits), stdio.WithDetached(r.drain))
		_ = toClient.Close()
		s.served <- err
	}()
	s.Client = client.NewClient(transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader(""))))
	if err := s.Start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	var hello mcp.InitializeRequest
	hello.Params.ProtocolVersion = mcp.ProtocolVersion20251125
	hello.Params.ClientInfo = mcp.Implementation{Name: program}
	if _, err := s.Initialize(ctx, hello); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close hangs up and waits until the server has stopped.
func (s *session) Close() error {
	err := s.hangUp()
	return errors.Join(err, <-s.served, s.Client.Close())
}

// call calls a tool with a progress token and returns its text. A result that is
// an error of the tool is an error here.
func (s *session) call(ctx context.Context, tool string, arguments map[string]any) (string, error) {
	s.token++
	req := mcp.CallToolRequest{}
	req.Params.Name = tool
	req.Params.Arguments = arguments
	req.Params.Meta = &mcp.Meta{ProgressToken: s.token}
	// The end of ctx stops the server, which then answers what is open: a run that
	// was started has an id to tell.
	result, err := s.CallTool(context.WithoutCancel(ctx), req)
	if err != nil {
		return "", fmt.Errorf("%s: %w", tool, err)
	}
	text := mcp.GetTextFromContent(result.Content[0])
	if result.IsError {
		sentence, _, _ := strings.Cut(text, "\n")
		return "", errors.New(sentence)
	}
	return text, nil
}

// ask calls a tool and decodes its result.
func ask[Out any](ctx context.Context, s *session, tool string, arguments map[string]any) (Out, error) {
	var out Out
	text, err := s.call(ctx, tool, arguments)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal([]byte(text), &out)
}
