package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mark3labs/mcp-go/mcp"
)

// toolsCommand prints the tools that the server offers with these settings.
type toolsCommand struct {
	JSON bool `name:"json" help:"Print the definitions as tools/list sends them."`
}

// Run prints the tools; it needs no key and no network.
func (c toolsCommand) Run(sys *system, flags *accountFlags) error {
	offline := *flags
	offline.Simulator = true
	a, err := offline.open(sys, own)
	if err != nil {
		return err
	}
	defer a.close()
	r, err := assemble(sys, a, keyHelpStdio, flags.CallbackHosts)
	if err != nil {
		return err
	}
	defer r.stopWaits()
	s, err := connect(sys.ctx, r)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.ListTools(sys.ctx, mcp.ListToolsRequest{})
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(sys.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	return printTools(sys.stdout, list.Tools)
}

func printTools(w io.Writer, tools []mcp.Tool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, tool := range tools {
		fmt.Fprintf(table, "%s\t%s\t%s\n", tool.Name, effectText(tool.Annotations), tool.Description)
	}
	return table.Flush()
}

// effectText tells what a tool does to the account, in a word.
func effectText(a mcp.ToolAnnotation) string {
	var words []string
	if *a.ReadOnlyHint {
		words = append(words, "reads")
	}
	if *a.DestructiveHint {
		words = append(words, "acts")
	}
	return strings.Join(words, ", ")
}
