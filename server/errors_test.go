package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/rpc"
)

var update = flag.Bool("update", false, "write testdata/messages.golden")

// modernMeta makes a request one of the revision 2026-07-28.
const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`

// A requester is the session of one request, as a transport makes it.
type requester struct{ rpcErr rpc.Error }

func (*requester) SessionID() string                                   { return "requester" }
func (*requester) NotificationChannel() chan<- mcp.JSONRPCNotification { return nil }
func (*requester) Initialize()                                         {}
func (*requester) Initialized() bool                                   { return true }
func (*requester) RequestID() string                                   { return "one" }

func (r *requester) SetError(rpcErr *rpc.Error) { r.rpcErr = *rpcErr }

// missing has a resource and a prompt that answer with errors.
func missing() server.Config {
	return server.Config{
		Name: "test", Version: "1", Completions: breaking{}, Logger: slog.New(slog.DiscardHandler),
		Resources: []mcpserver.ServerResourceTemplate{{
			Template: mcp.NewResourceTemplate("test://{id}", "test"),
			Handler: func(_ context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				return nil, map[string]error{
					"test://gone":   fmt.Errorf("look in list_tests: %w", mcp.ErrResourceNotFound),
					"test://a%20b":  fmt.Errorf("an id has no blanks: %w", mcp.ErrInvalidParams),
					"test://broken": errors.New("try again"),
				}[req.Params.URI]
			},
		}},
		Prompts: []mcpserver.ServerPrompt{{Prompt: mcp.NewPrompt("asks", mcp.WithArgument("wish")), Handler: func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return nil, fmt.Errorf("send a wish: %w", mcp.ErrInvalidParams)
		}}},
	}
}

// mcp-go has -32603 for each error of a handler.
func TestErrorsHaveTheCodeOfTheirRevision(t *testing.T) {
	t.Parallel()
	messages := map[string]string{}
	long := strings.Repeat("x", 5000)
	for name, tt := range map[string]struct {
		method, params     string
		code2025, code2026 int // 0: mcp-go's error is left as it is
	}{
		"an unknown tool":        {"tools/call", `"name":"none"`, -32602, -32602},
		"an unknown prompt":      {"prompts/get", `"name":"none"`, -32602, -32602},
		"a prompt's argument":    {"prompts/get", `"name":"asks"`, -32602, -32602},
		"an unknown address":     {"resources/read", `"uri":"else://x"`, -32002, -32602},
		"a missing resource":     {"resources/read", `"uri":"test://gone"`, -32002, -32602},
		"an address with blanks": {"resources/read", `"uri":"test://a%20b"`, -32602, -32602},
		"a failure":              {"resources/read", `"uri":"test://broken"`, 0, 0},
		"a cursor":               {"tools/list", `"cursor":"?"`, -32602, -32602},
		"a cursor of resources":  {"resources/templates/list", `"cursor":"?"`, -32602, -32602},
		"a long name":            {"tools/call", `"name":"` + long + `"`, -32602, -32602},
		"an invisible name":      {"tools/call", `"name":"a\u202e\u0007\u001b[2J\udb40\udc41b\"\nc"`, -32602, -32602},

		"an unknown prompt's completion":   {"completion/complete", `"ref":{"type":"ref/prompt","name":"none"},"argument":{"name":"wish","value":""}`, -32602, -32602},
		"a completion of another argument": {"completion/complete", `"ref":{"type":"ref/prompt","name":"asks"},"argument":{"name":"id","value":""}`, -32602, -32602},
		"an unknown address's completion":  {"completion/complete", `"ref":{"type":"ref/resource","uri":"else://{id}"},"argument":{"name":"id","value":""}`, -32602, -32602},
		"a completion of another variable": {"completion/complete", `"ref":{"type":"ref/resource","uri":"test://{id}"},"argument":{"name":"wish","value":""}`, -32602, -32602},
		"a completion":                     {"completion/complete", `"ref":{"type":"ref/resource","uri":"test://{id}"},"argument":{"name":"id","value":""}`, 0, 0},
	} {
		for meta, code := range map[string]int{"": tt.code2025, "," + modernMeta: tt.code2026} {
			s, err := server.New(missing())
			if err != nil {
				t.Fatal(err)
			}
			var r requester
			s.HandleMessage(s.WithContext(t.Context(), &r), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"`+tt.method+`","params":{`+tt.params+meta+`}}`))
			if r.rpcErr.Code != code {
				t.Errorf("%s: got %+v, want %d", name, r.rpcErr, code)
			}
			messages[name] = r.rpcErr.Message
		}
	}
	checkGolden(t, messages)
}

// checkGolden compares messages with testdata/messages.golden.
func checkGolden(t *testing.T, messages map[string]string) {
	t.Helper()
	const path = "testdata/messages.golden"
	got := ""
	for _, name := range slices.Sorted(maps.Keys(messages)) {
		got += name + ": " + messages[name] + "\n"
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
		t.Errorf("%v; go test ./server -update accepts this, -want +got:\n%s", err, diff)
	}
}

func TestMissingResourceNamesItsURIForPrograms(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]any{
		"test://gone":                        map[string]string{"uri": "test://gone"},
		"else://x":                           map[string]string{"uri": "else://x"},
		`else://\u202ex`:                     nil,
		"else://" + strings.Repeat("x", 506): nil,
	} {
		s, err := server.New(missing())
		if err != nil {
			t.Fatal(err)
		}
		var r requester
		s.HandleMessage(s.WithContext(t.Context(), &r), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"`+uri+`"}}`))
		if got := fmt.Sprint(r.rpcErr.Data); r.rpcErr.Code != mcp.RESOURCE_NOT_FOUND || got != fmt.Sprint(want) {
			t.Errorf("%.40s: got %+v, want %v", uri, r.rpcErr, want)
		}
	}
}
