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

// completionCommand prints what makes a shell complete this program's command
// lines. The script asks the program each time, so it fits every version.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"The shell: bash, zsh, fish or powershell."`
}

// Run prints the script.
func (c *completionCommand) Run(sys *system) error {
	kind := c.Shell
	if kind == "powershell" {
		kind = "ps1"
	}
	script, err := completionScripts.ReadFile("completion/" + program + "." + kind)
	if err != nil {
		return err
	}
	_, err = sys.stdout.Write(script)
	return err
}

// completeCommand tells a shell what may come next: a line for each word, with
// what it means behind a tab. It tells nothing where anything may come.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words after the program's name; the last one is being typed."`
}

// Run prints the offers.
func (c *completeCommand) Run(sys *system, line *kong.Context) error {
	words := slices.Clone(c.Words)
	if len(words) > 0 && words[0] == "--" { // the shell's, so that none of the words is a flag of this command
		words = words[1:]
	}
	for _, o := range complete(line.Model.Node, words) {
		fmt.Fprintf(sys.stdout, "%s\t%s\n", o.word, o.meaning)
	}
	return nil
}

// An offer is a word that may come next.
type offer struct{ word, meaning string }

// complete offers what the last word may become; the words before it are
// finished. A word is kept whole by some shells and split at its = by bash, which
// then wants the part behind it alone.
func complete(root *kong.Node, words []string) []offer {
	words, split := rejoin(words)
	if len(words) == 0 {
		words = []string{""}
	}
	typed := words[len(words)-1]
	at := place{node: root}
	for _, word := range words[:len(words)-1] {
		at.pass(word)
	}
	name, value, valued := strings.Cut(typed, "=")
	switch {
	case at.flag != nil:
		return starting(typed, values(at.flag.Value))
	case at.ended || !strings.HasPrefix(typed, "-"):
		return starting(typed, at.words())
	case !valued:
		return starting(typed, at.flags())
	}
	flag := at.find(name)
	if flag == nil {
		return nil
	}
	offers := starting(value, values(flag.Value))
	for n := range offers {
		if !split {
			offers[n].word = name + "=" + offers[n].word
		}
	}
	return offers
}

// rejoin puts together again what bash has split at a =, and reports whether that
// was so for the last word.
func rejoin(words []string) (whole []string, split bool) {
	for n := 0; n < len(words); n++ {
		split = words[n] == "=" && len(whole) > 0 && strings.HasPrefix(whole[len(whole)-1], "--")
		if !split {
			whole = append(whole, words[n])
			continue
		}
		value := ""
		if n+1 < len(words) {
			n++
			value = words[n]
		}
		whole[len(whole)-1] += "=" + value
	}
	return whole, split
}

// A place is where in a command line a word stands.
type place struct {
	node  *kong.Node
	flag  *kong.Flag // whose value comes next; nil if none does
	args  int        // arguments of the command before this place
	ended bool       // a -- has ended the flags
}

// pass goes on behind a word.
func (p *place) pass(word string) {
	switch {
	case p.flag != nil:
		p.flag = nil
	case p.ended || !strings.HasPrefix(word, "-"):
		p.argument(word)
	case word == "--":
		p.ended = true
	default:
		if flag := p.find(word); flag != nil && !flag.IsBool() {
			p.flag = flag
		}
	}
}

func (p *place) argument(word string) {
	command := slices.IndexFunc(p.node.Children, func(n *kong.Node) bool { return n.Name == word })
	if command < 0 || p.args > 0 {
		p.args++
		return
	}
	p.node = p.node.Children[command]
}

// find is the flag that a word names, nil if there is none.
func (p *place) find(word string) *kong.Flag {
	for _, group := range p.node.AllFlags(false) {
		for _, flag := range group {
			if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
				return flag
			}
		}
	}
	return nil
}

func (p *place) flags() []offer {
	var offers []offer
	for _, group := range p.node.AllFlags(true) {
		for _, flag := range group {
			offers = append(offers, offer{"--" + flag.Name, flag.Help})
		}
	}
	return offers
}

// words are the commands that may stand here, and the values of an argument.
func (p *place) words() []offer {
	var offers []offer
	for _, command := range p.node.Children {
		if !command.Hidden && p.args == 0 {
			offers = append(offers, offer{command.Name, command.Help})
		}
	}
	if p.args < len(p.node.Positional) {
		offers = append(offers, values(p.node.Positional[p.args])...)
	}
	return offers
}

// values are what a flag or an argument may be, none if that is up to a person.
func values(of *kong.Value) []offer {
	var offers []offer
	if of.Name == "client" {
		for _, client := range clients.All() {
			offers = append(offers, offer{client.Name, client.Title})
		}
	}
	if of.Enum != "" {
		for _, value := range of.EnumSlice() {
			offers = append(offers, offer{word: value})
		}
	}
	return offers
}

func starting(with string, offers []offer) []offer {
	return slices.DeleteFunc(offers, func(o offer) bool { return !strings.HasPrefix(o.word, with) })
}
