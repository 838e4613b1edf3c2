package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

//go:embed completion
var completionScripts embed.FS

// completionCommand prints a script that makes a shell complete command lines. The
// script asks the program each time, so it fits every version.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"The shell: bash, zsh, fish or powershell."`
}

// Run prints the script.
func (c *completionCommand) Run(sys *system) error {
	extension := strings.Replace(c.Shell, "powershell", "ps1", 1)
	script, err := completionScripts.ReadFile("completion/" + program + "." + extension)
	if err != nil {
		return err
	}
	_, err = sys.stdout.Write(script)
	return err
}

// completeCommand prints what may come next: a line for each word, with its meaning
// after a tab. It prints nothing where any text may come.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words after the program's name; the last one is being typed."`
}

// Run prints the candidates.
func (c *completeCommand) Run(sys *system, line *kong.Context) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" { // the shell's, so that no word is a flag of this command
		words = words[1:]
	}
	for _, c := range complete(line.Model.Node, words) {
		fmt.Fprintf(sys.stdout, "%s\t%s\n", c.word, c.meaning)
	}
	return nil
}

type candidate struct{ word, meaning string }

// complete returns what the last word may become; the words before it are finished.
// Bash splits a word at its = and wants the part after it alone; other shells keep
// it whole.
func complete(root *kong.Node, words []string) []candidate {
	words, split := rejoin(words)
	at, typed := position{node: root}, ""
	for n, word := range words {
		if n > 0 {
			at.advance(typed)
		}
		typed = word
	}
	name, value, hasValue := strings.Cut(typed, "=")
	switch {
	case at.flag != nil:
		return withPrefix(typed, values("", at.flag.Value))
	case at.noFlags || !strings.HasPrefix(typed, "-"):
		return withPrefix(typed, at.words())
	case !hasValue:
		return withPrefix(typed, at.flags())
	case at.find(name) == nil:
		return nil
	case split:
		return withPrefix(value, values("", at.find(name).Value))
	}
	return withPrefix(typed, values(name+"=", at.find(name).Value))
}

// rejoin joins what bash has split at a =, and reports whether it split the last word.
func rejoin(words []string) (joined []string, split bool) {
	for n := 0; n < len(words); n++ {
		split = words[n] == "=" && len(joined) > 0 && strings.HasPrefix(joined[len(joined)-1], "--")
		if !split {
			joined = append(joined, words[n])
			continue
		}
		joined[len(joined)-1] += "="
		if n+1 < len(words) {
			n++
			joined[len(joined)-1] += words[n]
		}
	}
	return joined, split
}

// A position is where in a command line a word stands.
type position struct {
	node    *kong.Node
	flag    *kong.Flag // whose value comes next; nil if none does
	args    int        // arguments of the command before this position
	noFlags bool       // a -- has ended the flags
}

// advance goes past a word.
func (p *position) advance(word string) {
	switch {
	case p.flag != nil:
		p.flag = nil
	case p.noFlags || !strings.HasPrefix(word, "-"):
		command := slices.IndexFunc(p.node.Children, func(n *kong.Node) bool { return n.Name == word })
		if command < 0 || p.args > 0 {
			p.args++
			return
		}
		p.node = p.node.Children[command]
	case word == "--":
		p.noFlags = true
	default:
		if flag := p.find(word); flag != nil && !flag.IsBool() {
			p.flag = flag
		}
	}
}

func (p *position) find(word string) *kong.Flag {
	for _, flag := range slices.Concat(p.node.AllFlags(false)...) {
		if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
			return flag
		}
	}
	return nil
}

func (p *position) flags() []candidate {
	var candidates []candidate
	for _, flag := range slices.Concat(p.node.AllFlags(true)...) {
		candidates = append(candidates, candidate{"--" + flag.Name, flag.Help})
	}
	return candidates
}

// words are the commands that may stand here, and the values of an argument.
func (p *position) words() []candidate {
	var candidates []candidate
	for _, command := range p.node.Children {
		if !command.Hidden && p.args == 0 {
			candidates = append(candidates, candidate{command.Name, command.Help})
		}
	}
	if p.args < len(p.node.Positional) {
		candidates = append(candidates, values("", p.node.Positional[p.args])...)
	}
	return candidates
}

// values are what a flag or an argument may be, each after a prefix; none if it takes any
// text.
func values(prefix string, of *kong.Value) []candidate {
	var candidates []candidate
	if of.Name == "client" {
		for _, client := range clients.All() {
			candidates = append(candidates, candidate{prefix + client.Name, client.Title})
		}
	}
	if of.Enum != "" {
		for _, value := range of.EnumSlice() {
			candidates = append(candidates, candidate{word: prefix + value})
		}
	}
	return candidates
}

func withPrefix(prefix string, candidates []candidate) []candidate {
	return slices.DeleteFunc(candidates, func(c candidate) bool { return !strings.HasPrefix(c.word, prefix) })
}
