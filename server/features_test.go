package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
)

// breaking are completions that panic, with a secret.
type breaking struct{}

func (breaking) CompletePromptArgument(context.Context, string, mcp.CompleteArgument, mcp.CompleteContext) (*mcp.Completion, error) {
	panic("app-secret")
}

func (breaking) CompleteResourceArgument(context.Context, string, mcp.CompleteArgument, mcp.CompleteContext) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{"1"}}, nil
}

func extras() server.Config {
	return server.Config{
		Name: "test", Version: "1", Completions: breaking{},
		Resources: []mcpserver.ServerResourceTemplate{{
			Template: mcp.NewResourceTemplate("test://{id}", "test"),
			Handler: func(_ context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				if strings.HasSuffix(req.Params.URI, "panic") {
					panic("app-secret")
				}
				return nil, errors.New("there is none; look in list_tests")
			},
		}},
		Prompts: []mcpserver.ServerPrompt{{Prompt: mcp.NewPrompt("breaks", mcp.WithArgument("a")), Handler: func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			panic("app-secret")
		}}},
	}
}

// mcp-go recovers tools only, as an option, and then sends the panic's value.
func TestPanicBesideToolsIsAnsweredWithoutItsValue(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ method, params, want string }{
		"a resource":          {"resources/read", `{"uri":"test://panic"}`, "the server failed inside this request"},
		"a resource's error":  {"resources/read", `{"uri":"test://1"}`, "there is none; look in list_tests"},
		"a prompt":            {"prompts/get", `{"name":"breaks"}`, "the server failed inside this request"},
		"a prompt's argument": {"completion/complete", `{"ref":{"type":"ref/prompt","name":"breaks"},"argument":{"name":"a","value":"b"}}`, "the server failed inside this request"},
		"an address":          {"completion/complete", `{"ref":{"type":"ref/resource","uri":"test://{id}"},"argument":{"name":"id","value":""}}`, `"values":["1"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			cfg := extras()
			cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
			s, err := server.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			ctx := s.WithContext(t.Context(), &requester{})
			reply, err := json.Marshal(s.HandleMessage(ctx, json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"`+tt.method+`","params":`+tt.params+`}`)))
			if err != nil || !strings.Contains(string(reply), tt.want) {
				t.Errorf("got %s, %v, want %s", reply, err, tt.want)
			}
			if strings.Contains(string(reply)+log.String(), "app-secret") || !strings.Contains(log.String(), "request_id=one duration=") {
				t.Errorf("got %s, and the log %s", reply, &log)
			}
		})
	}
}

func TestNothingIsDeclaredThatIsNotOffered(t *testing.T) {
	t.Parallel()
	s, err := server.New(server.Config{Name: "test", Version: "1", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for era, message := range map[string]string{
		"2025-11-25": `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`,
		"2026-07-28": `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{` + modernMeta + `}}`,
	} {
		reply, err := json.Marshal(s.HandleMessage(t.Context(), json.RawMessage(message)))
		if want := `"capabilities":{"tools":{}}`; err != nil || !strings.Contains(string(reply), want) {
			t.Errorf("%s: got %s, %v, want %s", era, reply, err, want)
		}
	}
}
