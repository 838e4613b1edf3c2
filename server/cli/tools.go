package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
)

// toolsCommand prints the tools that the server offers with these settings.
type toolsCommand struct {
	JSON bool `name:"json" help:"Print the definitions as tools/list sends them."`
}

// Run prints the tools; it needs no key and no network.
func (c toolsCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	raw, err := listTools(ctx, sys, flags)
	if err != nil {
		return err
	}
	if c.JSON {
		var indented bytes.Buffer
		if err := json.Indent(&indented, raw, "", "  "); err != nil {
			return err
		}
		_, err := fmt.Fprintln(sys.stdout, indented.String())
		return err
	}
	var list mcp.ListToolsResult
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for _, tool := range list.Tools {
		transcript{sys.stdout}.put(fmt.Sprintf("%-16s %s  ", tool.Name, effect(tool)), tool.Description, " ")
	}
	return nil
}

// listTools asks a server with these settings for its tools, and returns the
// result as it is sent.
func listTools(ctx context.Context, sys *system, flags *accountFlags) (json.RawMessage, error) {
	offline := *flags
	offline.Simulator = true
	a, err := offline.open(sys, own)
	if err != nil {
		return nil, err
	}
	defer func() { a.close() }()
	r, err := assemble(ctx, sys, a, setKey, flags)
	if err != nil {
		return nil, err
	}
	defer r.stopWaits()
	reply, err := json.Marshal(r.mcp.HandleMessage(ctx, json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		return nil, err
	}
	var sent struct{ Result json.RawMessage }
	return sent.Result, json.Unmarshal(reply, &sent)
}

// effect tells what a tool does to the account.
func effect(tool mcp.Tool) string {
	if *tool.Annotations.ReadOnlyHint {
		return "reads"
	}
	return "acts "
}
