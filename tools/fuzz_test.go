package tools_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
)

// FuzzArguments sends any JSON to every tool of a server that has no key: the
// answer is always a result, the one about arguments or the one about the key. What is refused stays refused when it is sent as JSON in a string, which
// some clients do: reading arguments kindly never loosens a schema.
func FuzzArguments(f *testing.F) {
	for _, arguments := range callTemplates {
		f.Add(strings.NewReplacer(`:I`, `:{"a":1}`).Replace(arguments))
	}
	f.Add(`{"task_id":77577579210625331,"wait_seconds":"51","limit":[1],"fields":"a"}`)
	f.Add(`{"wait_seconds":3E333}`)
	f.Add(`"{\"task_id\":\"1\"}"`)
	names, server := newServerWithoutKey(f)
	f.Fuzz(func(t *testing.T, arguments string) {
		if !json.Valid([]byte(arguments)) || !utf8.ValidString(arguments) { // no transport lets that through
			return
		}
		for _, tool := range names {
			plain := callWithoutKey(t, server, tool, arguments)
			quoted := callWithoutKey(t, server, tool, marshal(t, arguments))
			if plain == "invalid_arguments" && strings.HasPrefix(strings.TrimSpace(arguments), "{") && quoted != plain {
				t.Errorf("%s refuses %s, and takes it as a string: %s", tool, arguments, quoted)
			}
		}
	})
}

func newServerWithoutKey(f *testing.F) ([]string, *mcpserver.MCPServer) {
	client, err := browseract.New(func(context.Context) string { return "" })
	if err != nil {
		f.Fatal(err)
	}
	cfg := tools.Config{Client: client, Logger: discard(), Caller: oneCaller, KeyHelp: "Set one."}
	everything(&cfg)
	withCallbacks(&cfg)
	offer, err := tools.New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	server := mcpserver.NewMCPServer("test", "1")
	server.AddTools(offer.Tools...)
	names := make([]string, len(offer.Tools))
	for i, tool := range offer.Tools {
		names[i] = tool.Tool.Name
	}
	return names, server
}

// askKeyless calls a tool and returns the code of the error that has to come.
func callWithoutKey(t *testing.T, server *mcpserver.MCPServer, tool, arguments string) string {
	t.Helper()
	message := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
	raw, err := json.Marshal(server.HandleMessage(context.Background(), json.RawMessage(message)))
	if err != nil {
		t.Fatal(err)
	}
	a := readAnswer(t, raw, &listener{})
	if strings.HasSuffix(a.RPCError, "of type float64") { // mcp-go reads each number as one; the transports say it in words
		return "out_of_range"
	}
	p := a.problem()
	if p.Code != "invalid_arguments" && p.Code != "no_api_key" && p.Code != "no_ledger" {
		t.Errorf("%s answers %s with %+v", tool, arguments, p)
	}
	if invisibleRune(p.Message) != 0 {
		t.Errorf("%s answers with a hidden character: %q", tool, p.Message)
	}
	return p.Code
}
