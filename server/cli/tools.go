package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/tools"
)

// toolsCommand prints the tools that the server offers with these settings, and what
// each costs a prompt.
type toolsCommand struct {
	JSON     bool `name:"json" xor:"form" help:"Print the definitions as tools/list sends them, and what they cost."`
	Markdown bool `xor:"form" help:"Print a table of them in Markdown."`
}

// Run prints the tools; it needs no key and no network, unless definitions of exposed
// workflows are missing in the cache.
func (c toolsCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	raw, err := listTools(ctx, sys, flags)
	if err != nil {
		return err
	}
	if c.JSON {
		return printToolsJSON(sys.stdout, raw)
	}
	list, err := decodeTools(raw)
	if err != nil {
		return err
	}
	if c.Markdown {
		return printToolTable(sys.stdout, list)
	}
	printTools(sys.stdout, list)
	return nil
}

// A listedTool is what is shown of a tool, as tools/list sends it.
type listedTool struct {
	Name        string
	Description string
	InputSchema json.RawMessage
	Annotations struct{ ReadOnlyHint bool }
}

func decodeTools(raw json.RawMessage) ([]listedTool, error) {
	var list struct{ Tools []listedTool }
	return list.Tools, json.Unmarshal(raw, &list)
}

// effect tells what a tool does to the account.
func (t listedTool) effect() string {
	if t.Annotations.ReadOnlyHint {
		return "reads"
	}
	return "acts "
}

// A toll is what definitions cost a prompt, in o200k tokens.
type toll struct {
	Tools map[string]int `json:"tools"`
	Total int            `json:"total"`
	// Exact says that each was counted and none estimated.
	Exact  bool       `json:"exact"`
	Budget tollBudget `json:"budget"`
}

// A tollBudget is the most that the default tools, and all tools together, may cost.
type tollBudget struct {
	Default int `json:"default"`
	All     int `json:"all"`
}

func tollOf(list []listedTool) toll {
	t := toll{Tools: map[string]int{}, Exact: true, Budget: tollBudget{tools.MostDefaultTokens, tools.MostTokens}}
	for _, tool := range list {
		n, exact := tools.Tokens(tool.Name, tool.Description, tool.InputSchema)
		t.Tools[tool.Name] = n
		t.Total += n
		t.Exact = t.Exact && exact
	}
	return t
}

// printToolsJSON prints the result of tools/list as it was sent, with the tokens
// beside it.
func printToolsJSON(w io.Writer, raw json.RawMessage) error {
	list, err := decodeTools(raw)
	if err != nil {
		return err
	}
	tokens, err := json.Marshal(tollOf(list))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	// The definitions keep the order of their members.
	joined := fmt.Appendf(bytes.TrimSuffix(bytes.TrimSpace(raw), []byte("}")), `,"tokens":%s}`, tokens)
	if err := json.Indent(&b, joined, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, b.String())
	return err
}

// printTools tells of each tool what it does and what it costs a prompt.
func printTools(w io.Writer, list []listedTool) {
	about := ""
	width := 17
	for _, tool := range list {
		width = max(width, len(tool.Name))
	}
	for _, tool := range list {
		n, exact := tools.Tokens(tool.Name, tool.Description, tool.InputSchema)
		mark := " "
		if !exact {
			mark, about = "~", "about "
		}
		transcript{w}.put(fmt.Sprintf("%-*s %s %s%3d  ", width, tool.Name, tool.effect(), mark, n), tool.Description, " ")
	}
	fmt.Fprintf(w, "\n%d tools cost a prompt %s%d tokens (o200k).\nThe budget is %d for the default ones and %d for all together.\n",
		len(list), about, tollOf(list).Total, tools.MostDefaultTokens, tools.MostTokens)
}

// printToolTable prints a row for each tool.
func printToolTable(w io.Writer, list []listedTool) error {
	fmt.Fprintln(w, "| tool | arguments (! = required) | tokens | what it does |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, tool := range list {
		arguments, err := argumentsOf(tool.InputSchema)
		if err != nil {
			return err
		}
		n, _ := tools.Tokens(tool.Name, tool.Description, tool.InputSchema)
		sentence, _, _ := strings.Cut(strings.TrimSuffix(tool.Description, "."), ". ")
		fmt.Fprintf(w, "| `%s` | %s | %d | %s |\n", tool.Name, arguments, n, strings.ReplaceAll(sentence, "|", `\|`))
	}
	return nil
}

// argumentsOf writes the arguments that a schema has, in its order.
func argumentsOf(schema json.RawMessage) (string, error) {
	var s struct {
		Properties json.RawMessage
		Required   []string
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		return "", err
	}
	var list []string
	members := json.NewDecoder(bytes.NewReader(s.Properties))
	_, err := members.Token()
	for err == nil && members.More() {
		var name json.Token
		if name, err = members.Token(); err != nil {
			break
		}
		argument := fmt.Sprintf("`%s`", name)
		if slices.Contains(s.Required, fmt.Sprint(name)) {
			argument += "!"
		}
		list = append(list, argument)
		err = members.Decode(new(json.RawMessage))
	}
	return strings.Join(list, " "), err
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
	exposed, err := exposedForAList(ctx, sys, a, flags)
	if err != nil {
		return nil, err
	}
	r, err := assembleWith(ctx, sys, a, exposed, setKey, flags)
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

// exposedForAList is what the user exposes, as the real account has it unless that is
// simulated too. It is closed with a.
func exposedForAList(ctx context.Context, sys *system, a *account, flags *accountFlags) (*exposure, error) {
	owner := a
	if !flags.Simulator {
		var err error
		if owner, err = flags.open(sys, own); err != nil {
			return nil, err
		}
		a.closeAlso(closer(owner.close))
	}
	exposed, err := flags.expose(ctx, sys, owner, calmRead)
	if err != nil {
		return nil, misused(err)
	}
	a.closeAlso(exposed)
	return exposed, nil
}

// closer is a function that closes.
type closer func()

// Close calls it.
func (c closer) Close() error { c(); return nil }
