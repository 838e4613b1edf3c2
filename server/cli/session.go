package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// A session is a client of the server in this process, over the same stdio loop that
// a real client talks to.
type session struct {
	*client.Client
	token      int
	served     chan error
	closeInput func() error
}

// connect starts to serve a and opens a session with it.
func connect(ctx context.Context, a *app) (*session, error) {
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	s := &session{served: make(chan error, 1), closeInput: toServer.Close}
	go func() { // ends when Close closes the input; Close waits for it
		err := stdio.Serve(ctx, a.mcp, fromClient, toClient, stdio.WithClosing(a.stopWaits), stdio.WithDetached(a.drain))
		_ = toClient.Close()
		s.served <- err
	}()
	s.Client = client.NewClient(transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader(""))))
	var request mcp.InitializeRequest
	request.Params.ProtocolVersion = mcp.ProtocolVersion20251125
	request.Params.ClientInfo = mcp.Implementation{Name: program}
	err := s.Start(ctx)
	if err == nil {
		_, err = s.Initialize(ctx, request)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the input and waits until the server has stopped.
func (s *session) Close() error {
	err := s.closeInput()
	return errors.Join(err, <-s.served, s.Client.Close())
}

// call calls a tool with a progress token and returns its text. A result that is an
// error is returned as one.
func (s *session) call(ctx context.Context, tool string, arguments map[string]any) (string, error) {
	s.token++
	req := mcp.CallToolRequest{}
	req.Params.Name = tool
	req.Params.Arguments = arguments
	req.Params.Meta = &mcp.Meta{ProgressToken: s.token}
	// The end of ctx stops the server, which then answers open calls: the user needs the
	// id of a run that was started.
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
