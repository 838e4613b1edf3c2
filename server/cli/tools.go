package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	orderedmap "github.com/pb33f/ordered-map/v2"

	"github.com/browseract/browseract-mcp/tools"
)

// toolsCommand prints the tools that the server offers with these settings, and what
// each costs a prompt.
type toolsCommand struct {
	JSON     bool `name:"json" xor:"form" help:"Print the definitions as tools/list sends them, and what they cost."`
	Markdown bool `xor:"form" help:"Print a table of them in Markdown."`
}

// Run prints the tools. It needs no key and no network, unless definitions of exposed
// workflows are missing in the cache.
func (c toolsCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	raw, err := listTools(ctx, sys, flags)
	if err != nil {
		return err
	}
	var list struct{ Tools []listedTool }
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	switch {
	case c.JSON:
		return printToolsJSON(sys.stdout, raw, list.Tools)
	case c.Markdown:
		return printToolTable(sys.stdout, list.Tools)
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

// tokens is what the tool costs a prompt, and whether that was counted, not estimated.
func (t listedTool) tokens() (n int, exact bool) {
	return tools.Tokens(t.Name, t.Description, t.InputSchema)
}

// tokenCounts are what definitions cost a prompt, in o200k tokens.
type tokenCounts struct {
	Tools map[string]int `json:"tools"`
	Total int            `json:"total"`
	Exact bool           `json:"exact"` // each was counted, none estimated
	// Budget is the most that the default tools, and all tools together, may cost.
	Budget struct {
		Default int `json:"default"`
		All     int `json:"all"`
	} `json:"budget"`
}

func countTokens(list []listedTool) tokenCounts {
	c := tokenCounts{Tools: map[string]int{}, Exact: true}
	c.Budget.Default, c.Budget.All = tools.MaxDefaultTokens, tools.MaxTokens
	for _, tool := range list {
		n, exact := tool.tokens()
		c.Tools[tool.Name] = n
		c.Total += n
		c.Exact = c.Exact && exact
	}
	return c
}

// printToolsJSON prints the result of tools/list as it was sent, and the tokens. The
// definitions keep the order of their members.
func printToolsJSON(w io.Writer, raw json.RawMessage, list []listedTool) error {
	tokens, err := json.Marshal(countTokens(list))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	joined := fmt.Appendf(bytes.TrimSuffix(bytes.TrimSpace(raw), []byte("}")), `,"tokens":%s}`, tokens)
	if err := json.Indent(&b, joined, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, b.String())
	return err
}

func printTools(w io.Writer, list []listedTool) {
	width := 17
	for _, tool := range list {
		width = max(width, len(tool.Name))
	}
	counts, about := countTokens(list), ""
	if !counts.Exact {
		about = "about "
	}
	for _, tool := range list {
		n, exact := tool.tokens()
		effect, mark := "acts ", "~"
		if tool.Annotations.ReadOnlyHint {
			effect = "reads"
		}
		if exact {
			mark = " "
		}
		textWriter{w}.put(fmt.Sprintf("%-*s %s %s%3d  ", width, tool.Name, effect, mark, n), tool.Description, " ")
	}
	fmt.Fprintf(w, "\n%d tools cost a prompt %s%d tokens (o200k).\nThe budget is %d for the default ones and %d for all together.\n",
		len(list), about, counts.Total, counts.Budget.Default, counts.Budget.All)
}

func printToolTable(w io.Writer, list []listedTool) error {
	fmt.Fprintln(w, "| tool | arguments (! = required) | tokens | what it does |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, tool := range list {
		arguments, err := argumentsOf(tool.InputSchema)
		if err != nil {
			return err
		}
		n, _ := tool.tokens()
		sentence, _, _ := strings.Cut(strings.TrimSuffix(tool.Description, "."), ". ")
		fmt.Fprintf(w, "| `%s` | %s | %d | %s |\n", tool.Name, arguments, n, strings.ReplaceAll(sentence, "|", `\|`))
	}
	return nil
}

// argumentsOf lists the arguments of a schema in its order.
func argumentsOf(schema json.RawMessage) (string, error) {
	var s struct {
		Properties *orderedmap.OrderedMap[string, any]
		Required   []string
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		return "", err
	}
	var list []string
	for name := range s.Properties.KeysFromOldest() {
		argument := "`" + name + "`"
		if slices.Contains(s.Required, name) {
			argument += "!"
		}
		list = append(list, argument)
	}
	return strings.Join(list, " "), nil
}

// listTools asks a server with these settings for its tools, and returns the result
// as it is sent.
func listTools(ctx context.Context, sys *system, flags *accountFlags) (json.RawMessage, error) {
	offline := *flags
	offline.Simulator = true
	a, err := offline.open(sys, staticKey)
	if err != nil {
		return nil, err
	}
	defer a.close()
	owner := a // of the workflows that are exposed
	if !flags.Simulator {
		if owner, err = flags.open(sys, staticKey); err != nil {
			return nil, err
		}
		defer owner.close()
	}
	own, err := flags.customTools(ctx, sys, owner, listFetchTimeout)
	if err != nil {
		return nil, usage(err)
	}
	defer own.close()
	app, err := newAppWith(ctx, sys, a, own, setKey, flags)
	if err != nil {
		return nil, err
	}
	reply, err := json.Marshal(app.mcp.HandleMessage(ctx, json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		return nil, err
	}
	var sent struct{ Result json.RawMessage }
	return sent.Result, json.Unmarshal(reply, &sent)
}
