package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A session is a connection and what was learnt over it.
type session struct {
	mcp      *mcp.ClientSession
	outputs  map[string]*jsonschema.Resolved // by tool; none for a tool without a schema
	progress *progress
	patience time.Duration // for one call; 0 is no limit
	calls    int
}

func connect(ctx context.Context, transport mcp.Transport, revision string) (*session, error) {
	p := newProgress()
	client := mcp.NewClient(&mcp.Implementation{Name: "browseract-mcp-test", Version: "1"},
		&mcp.ClientOptions{ProgressNotificationHandler: p.arrived})
	cs, err := client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: revision})
	if err != nil {
		return nil, err
	}
	if got := cs.InitializeResult().ProtocolVersion; got != revision {
		return nil, fmt.Errorf("the revision is %s, want %s", got, revision)
	}
	outputs, err := outputSchemas(ctx, cs)
	return &session{mcp: cs, outputs: outputs, progress: p}, err
}

func outputSchemas(ctx context.Context, cs *mcp.ClientSession) (map[string]*jsonschema.Resolved, error) {
	schemas := map[string]*jsonschema.Resolved{}
	for tool, err := range cs.Tools(ctx, nil) {
		if err != nil {
			return nil, err
		}
		if tool.OutputSchema == nil {
			continue
		}
		schema := new(jsonschema.Schema)
		raw, err := json.Marshal(tool.OutputSchema)
		if err := cmp.Or(err, json.Unmarshal(raw, schema)); err != nil {
			return nil, err
		}
		if schemas[tool.Name], err = schema.Resolve(nil); err != nil {
			return nil, err
		}
	}
	return schemas, nil
}

func (s *session) close() error { return s.mcp.Close() }

// call calls a tool with a token for progress, holds the structured content
// against the tool's schema and decodes it.
func call[Out any](ctx context.Context, s *session, tool string, args object) (Out, error) {
	var out Out
	res, err := s.call(ctx, tool, args)
	if err != nil {
		return out, err
	}
	if s.outputs[tool] == nil {
		return out, fmt.Errorf("%s has no output schema", tool)
	}
	if err := s.outputs[tool].Validate(res.StructuredContent); err != nil {
		return out, fmt.Errorf("%s: %w", tool, err)
	}
	raw, err := json.Marshal(res.StructuredContent)
	return out, cmp.Or(err, json.Unmarshal(raw, &out))
}

func (s *session) text(ctx context.Context, tool string, args object) (string, error) {
	res, err := s.call(ctx, tool, args)
	if err != nil {
		return "", err
	}
	return res.Content[0].(*mcp.TextContent).Text, nil
}

func (s *session) call(ctx context.Context, tool string, args object) (*mcp.CallToolResult, error) {
	if s.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.patience)
		defer cancel()
	}
	s.calls++
	token := fmt.Sprintf("call %d", s.calls)
	defer s.progress.end(token)
	params := &mcp.CallToolParams{Name: tool, Arguments: args}
	params.SetProgressToken(token)
	res, err := s.mcp.CallTool(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tool, err)
	}
	if res.IsError {
		return nil, errors.New(res.Content[0].(*mcp.TextContent).Text)
	}
	return res, nil
}
