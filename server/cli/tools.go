package cli

import (
	"encoding/json"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
)

// toolsCommand prints the tools that the server offers with these settings.
type toolsCommand struct {
	JSON bool `name:"json" help:"Print the definitions as tools/list sends them."`
}

// Run prints the tools; it needs no key and no network.
func (c toolsCommand) Run(sys *system, flags *accountFlags) error {
	list, err := listTools(sys, flags)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(sys.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	for _, tool := range list.Tools {
		transcript{sys.stdout}.put(fmt.Sprintf("%-16s %s  ", tool.Name, effect(tool)), tool.Description, " ")
	}
	return nil
}

// listTools asks a server with these settings for its tools.
func listTools(sys *system, flags *accountFlags) (*mcp.ListToolsResult, error) {
	offline := *flags
	offline.Simulator = true
	a, err := offline.open(sys, own)
	if err != nil {
		return nil, err
	}
	defer a.close()
	r, err := assemble(sys, a, setKey, flags.CallbackHosts)
	if err != nil {
		return nil, err
	}
	defer r.stopWaits()
	s, err := connect(sys.ctx, r)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.ListTools(sys.ctx, mcp.ListToolsRequest{})
}

// effect tells what a tool does to the account.
func effect(tool mcp.Tool) string {
	if *tool.Annotations.ReadOnlyHint {
		return "reads"
	}
	return "acts "
}
