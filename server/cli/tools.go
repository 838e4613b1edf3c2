package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/browseract/browseract-mcp/tools"
)

// toolsCommand prints the tools that the server offers with these settings, and what
// each costs a prompt.
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
	var list struct{ Tools []listedTool }
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	printTools(sys.stdout, list.Tools)
	return nil
}

// A listedTool is what is shown of a tool, as tools/list sends it.
type listedTool struct {
	Name        string
	Description string
	InputSchema json.RawMessage
	Annotations struct{ ReadOnlyHint bool }
}

// effect tells what a tool does to the account.
func (t listedTool) effect() string {
	if t.Annotations.ReadOnlyHint {
		return "reads"
	}
	return "acts "
}

// printTools tells of each tool what it does and what it costs a prompt.
func printTools(w io.Writer, list []listedTool) {
	total, about := 0, ""
	for _, tool := range list {
		n, exact := tools.Tokens(tool.Name, tool.Description, tool.InputSchema)
		mark := " "
		if !exact {
			mark, about = "~", "about "
		}
		total += n
		transcript{w}.put(fmt.Sprintf("%-17s %s %s%3d  ", tool.Name, tool.effect(), mark, n), tool.Description, " ")
	}
	fmt.Fprintf(w, "\n%d tools cost a prompt %s%d tokens (o200k).\nThe budget is %d for the default ones and %d for all together.\n",
		len(list), about, total, tools.MostDefaultTokens, tools.MostTokens)
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
